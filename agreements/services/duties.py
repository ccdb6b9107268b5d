"""Who looks after which indicators of an organisation's agreement: giving the duties, confirming what was entered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Duty, Item, Notice, Party, Posting, Result, User, Version
from agreements.predicates import JUDGING, duties_in
from agreements.services import log, notice_rules, notices
from agreements.services.parties import colleagues_of
from agreements.services.results import ResultRefused, open_book
from agreements.services.states import AgreementRefused, locked, of_part, record


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an item says of its owner and collector, and the positions that have the duty."""

    item: Item
    owner: str
    collector: str
    owners: list[Duty]
    collectors: list[Duty]

    @property
    def says_more_of_owners(self) -> bool:
        """Whether the words of the item name somebody else as owner than those who have the duty."""
        return _says_more(self.owner, self.owners)

    @property
    def says_more_of_collectors(self) -> bool:
        """Whether the words of the item name somebody else as collector than those who have the duty."""
        return _says_more(self.collector, self.collectors)


def given_in(version: Version) -> list[Given]:
    """Return the measured items of `version`, each with those who look after it."""
    by_item: dict[tuple[UUID, str], list[Duty]] = {}
    held = Duty.objects.filter(part=version.part_id).select_related("posting__user", "posting__organisation")
    for duty in held.order_by("pk"):
        by_item.setdefault((duty.lineage, duty.kind), []).append(duty)
    return [
        Given(
            item=item,
            owner=str(item.definition.get("owner", "")),
            collector=str(item.definition.get("collector", "")),
            owners=by_item.get((item.lineage, Duty.Kind.OWNER), []),
            collectors=by_item.get((item.lineage, Duty.Kind.COLLECTOR), []),
        )
        for item in open_book(version).leaves
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """The people who look after an item, by name."""

    owners: tuple[str, ...] = ()
    collectors: tuple[str, ...] = ()


def holders_in(version: Version) -> dict[UUID, Holders]:
    """Return who looks after the items of `version`; of a person's agreement nobody does. One question at the most."""
    if not version.part.agreement.is_of_organisation:
        return {}
    named: dict[UUID, dict[str, list[str]]] = {}
    held = Duty.objects.filter(part=version.part_id).select_related("posting__user").order_by("pk")
    for duty in held:
        named.setdefault(duty.lineage, {}).setdefault(duty.kind, []).append(duty.posting.user.full_name)
    return {
        lineage: Holders(
            owners=tuple(dict.fromkeys(names.get(Duty.Kind.OWNER, ()))),
            collectors=tuple(dict.fromkeys(names.get(Duty.Kind.COLLECTOR, ()))),
        )
        for lineage, names in named.items()
    }


def candidates_for(version: Version, *, on: date) -> QuerySet[Posting]:
    """Return the positions of the office whose holders may look after indicators: nobody who judges the result."""
    judging = Party.objects.filter(version=version, capacity__in=JUDGING).values("user")
    return colleagues_of(version, on=on).exclude(user__in=judging)


@transaction.atomic
def give(version: Version, kind: str, posting: Posting, items: Sequence[Item], *, by: User, at: datetime) -> list[Duty]:
    """Let the holder of `posting` look after `items`; who has the duty already keeps it.

    :raises NotAllowed: if it is not for `by` to decide.
    :raises NotNow: if the results are assessed already.
    :raises AgreementRefused: if nobody of the office, or one who judges the result, would be named.
    """
    version = locked(version)
    actions.demand(actions.GIVE_DUTIES, version, by)
    if not candidates_for(version, on=timezone.localdate(at)).filter(pk=posting.pk).exists():
        raise AgreementRefused(_("An indicator is looked after by somebody of the office who does not judge it."))
    if not items:
        raise AgreementRefused(_("Tick at least one indicator."))
    made = [one for item in items if (one := _give(version, kind, posting, item, by=by, at=at))]
    _record("duty.given", version, kind, posting, [one.lineage for one in made], by=by, at=at)
    if made:
        _tell(version, kind, posting, by=by, at=at)
    return made


def _give(version: Version, kind: str, posting: Posting, item: Item, *, by: User, at: datetime) -> Duty | None:
    duty, created = Duty.objects.get_or_create(
        part=version.part,
        lineage=item.lineage,
        kind=kind,
        posting=posting,
        defaults={"given_by": by, "given_at": at},
    )
    return duty if created else None


@transaction.atomic
def take(version: Version, duty: Duty, *, by: User, at: datetime) -> None:
    """Take a duty away again; what was entered stays.

    :raises NotAllowed: if it is not for `by` to decide.
    :raises NotNow: if the results are assessed already.
    """
    version = locked(version)
    actions.demand(actions.GIVE_DUTIES, version, by)
    _record("duty.taken", version, duty.kind, duty.posting, [duty.lineage], by=by, at=at)
    duty.delete()


@transaction.atomic
def give_by_title(version: Version, *, by: User, at: datetime) -> int:
    """Give each duty to the one position of the office that the framework names for it; return how many were given.

    :raises NotAllowed: if it is not for `by` to decide.
    :raises NotNow: if the results are assessed already.
    """
    version = locked(version)
    actions.demand(actions.GIVE_DUTIES, version, by)
    by_title = _by_title(candidates_for(version, on=timezone.localdate(at)))
    found: dict[tuple[Duty.Kind, Posting], list[UUID]] = {}
    for one in given_in(version):
        for kind, text in ((Duty.Kind.OWNER, one.owner), (Duty.Kind.COLLECTOR, one.collector)):
            for posting in _named_in(text, by_title):
                if _give(version, kind, posting, one.item, by=by, at=at):
                    found.setdefault((kind, posting), []).append(one.item.lineage)
    for (kind, posting), lineages in found.items():
        _record("duty.given", version, kind, posting, lineages, by=by, at=at)
        _tell(version, kind, posting, by=by, at=at)
    return sum(map(len, found.values()))


def _by_title(postings: Iterable[Posting]) -> Mapping[str, Posting]:
    """Return the positions by title, those alone that nobody else has."""
    found: dict[str, list[Posting]] = {}
    for posting in postings:
        found.setdefault(_key(posting.title), []).append(posting)
    return {title: held[0] for title, held in found.items() if len({one.user_id for one in held}) == 1}


def _key(title: str) -> str:
    return thai.normalise(title).replace(" ", "")


def _says_more(text: str, held: Sequence[Duty]) -> bool:
    return not set(_names_in(text)) <= {_key(duty.posting.title) for duty in held}


def _names_in(text: str) -> list[str]:
    return [_key(name) for name in re.split(r"[;\n]", text) if name.strip()]


def _named_in(text: str, by_title: Mapping[str, Posting]) -> list[Posting]:
    return list({posting.pk: posting for name in _names_in(text) if (posting := by_title.get(name))}.values())


def _tell(version: Version, kind: str, posting: Posting, *, by: User, at: datetime) -> None:
    """Tell the holder of `posting` of the duty, who does not need telling where it is `by`."""
    if posting.user_id == by.pk:
        return
    key = notice_rules.key_of(version)
    told = notice_rules.Wanted(
        user=posting.user_id,
        kind=Notice.Kind.NEWS,
        act=str(kind),
        round=version.part.agreement.round_id,
        agreement=version.part.agreement_id,
        link=reverse("agreements:results", args=[key]),
        key=f"duty:{notice_rules.in_key(key)}:{kind}:{at.timestamp():.6f}:{posting.user_id}",
    )
    notices.keep([told], at=at)


def _record(
    verb: str, version: Version, kind: str, posting: Posting, lineages: Sequence[UUID], *, by: User, at: datetime
) -> None:
    codes = dict(version.items.values_list("lineage", "code"))
    details = {
        "kind": str(kind),
        "name": posting.user.full_name,
        "position": posting.printed_title,
        "codes": [codes[one] for one in lineages if one in codes],
        **of_part(version),
    }
    record(verb, version.part.agreement, by=by, at=at, details=details)


# --- Confirming ------------------------------------------------------------------------------------------------------
@transaction.atomic
def confirm(version: Version, item: Item, *, by: User, at: datetime) -> Result:
    """Keep that `by`, who owns `item`, confirms what was entered for it; the assessee still reports.

    :raises NotAllowed: if `by` does not own it.
    :raises NotNow: if results are not entered now.
    :raises ResultRefused: if nothing was entered, or it is confirmed already.
    """
    version = locked(version)
    if item.lineage not in duties_in(by, version, Duty.Kind.OWNER):
        raise actions.NotAllowed(_("This is not yours to do."))
    actions.demand(actions.CONFIRM, version, by)
    result = open_book(version).result(item)
    if result is None or not result.inputs:
        raise ResultRefused([_("Nothing is entered yet that could be confirmed.")])
    if result.confirmed_at is not None:
        raise ResultRefused([_("It is confirmed already.")])
    result.confirmed_by, result.confirmed_at = by, at
    result.save(update_fields=["confirmed_by", "confirmed_at"])
    details = {"item": item.code, "inputs": log.digest(log.canonical(result.inputs)), **of_part(version)}
    record(actions.CONFIRM.code, version.part.agreement, by=by, at=at, details=details)
    return result
