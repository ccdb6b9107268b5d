"""Amending an agreement in mid-round: a new version that both sides sign again, and what it says otherwise.

Until it is signed, the signed version holds; an amendment that is given up leaves that version as it was. Items keep
their lineage, so that what was entered for them, and its evidence, stays with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Capacity, Item, Party, Result, Stage, User, Version
from agreements.services import content as contents
from agreements.services.comparison import ChangedIndicator, Comparison, Entry, differences
from agreements.services.results import misfits, open_book
from agreements.services.states import AgreementRefused, locked, move
from agreements.services.versions import keep_agreed, renew, renew_rows

Content = Mapping[str, Any]


@transaction.atomic
def amend(version: Version, *, by: User, reason: str, at: datetime) -> Version:
    """Begin a new version of what is agreed, a copy to be changed and signed again.

    :raises NotAllowed: if `by` is neither assessee nor assessor.
    :raises NotNow: if it is not agreed, or reported already.
    :raises AgreementRefused: without a reason.
    """
    version = locked(version)
    actions.demand(actions.AMEND, version, by)
    if not reason.strip():
        raise AgreementRefused(_("Give the reason for the amendment."))
    amendment = renew(version, by=by, reason="", at=at)
    amendment.amends, amendment.amends_because = version, reason.strip()
    amendment.save(update_fields=["amends", "amends_because"])
    details = {"reason": reason.strip(), "version": amendment.number, "amends": version.number}
    move(version, actions.AMEND, by=by, at=at, details=details)
    return amendment


@transaction.atomic
def abandon(version: Version, *, by: User, at: datetime) -> Version:
    """Give an amendment up: the version that it was to amend counts again, as it was.

    :raises NotAllowed: if it is no amendment, or `by` is neither assessee nor assessor.
    :raises NotNow: if both sides have signed it.
    """
    version = locked(version)
    actions.demand(actions.ABANDON_AMENDMENT, version, by)
    signed = version.amends
    assert signed is not None  # noqa: S101  the table allows it for amendments only
    Version.objects.filter(part=version.part_id, amends=signed, abandoned_at=None).update(
        is_current=False, abandoned_at=at
    )
    Version.objects.filter(pk=signed.pk).update(is_current=True)
    held = _with_parties_of(version, Version.objects.get(pk=signed.pk), by=by, at=at)
    details = {"version": version.number, "holds": held.number}
    move(version, actions.ABANDON_AMENDMENT, by=by, at=at, details=details)
    return Version.objects.get(pk=held.pk)


def _with_parties_of(version: Version, signed: Version, *, by: User, at: datetime) -> Version:
    """Return `signed`, or where HR replaced a party while it was being amended, the next version with that party."""
    named = {(one.capacity, one.user_id, one.title) for one in version.parties.all()}
    if named == {(one.capacity, one.user_id, one.title) for one in signed.parties.all()}:
        return signed
    held = keep_agreed(renew(signed, by=by, reason="", at=at), signed)
    held.parties.all().delete()
    renew_rows(Party.objects.filter(version=version), held)
    return held


def judge_anew(version: Version) -> None:
    """Take back what was made of results whose indicators an amendment words otherwise; part of signing it."""
    if version.amends is None:
        return
    kept = {item.lineage: _told(item) for item in version.amends.items.all()}
    changed = [item.lineage for item in version.items.all() if kept.get(item.lineage) not in (None, _told(item))]
    Result.objects.filter(part=version.part_id, lineage__in=changed).update(
        verdict=Result.Verdict.NONE, assessor_inputs=None, assessor_score=None, assessor_reason="", judged=None
    )


def _told(item: Item) -> tuple[str, Any]:
    return item.title, item.definition


# --- What it says otherwise ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A version, the signed one that it amends, why, and what it says otherwise."""

    version: Version
    before: Version
    reason: str
    items: Comparison
    # Competencies and parties that are otherwise.
    others: tuple[Entry, ...]
    # Of an amendment that is not signed yet: what was entered for earlier criteria and does not fit the new ones.
    misfits: tuple[Item, ...] = ()

    @property
    def says_the_same(self) -> bool:
        """Whether nothing is otherwise."""
        return self.items.says_the_same and not self.others


def amendments_of(version: Version) -> list[Amendment]:
    """Return the amendments that led to `version`, the latest first, each against the signed version before it."""
    found = []
    # Where only the result was returned, what is agreed stands in the version that was signed.
    agreed = version.agreed_in or version
    while agreed.amends is not None:
        found.append(_amendment(agreed, agreed.amends))
        agreed = agreed.amends.agreed_in or agreed.amends
    return found


def _amendment(version: Version, before: Version) -> Amendment:
    signed = _signed(before)
    now = contents.signed_content(version, Stage.AGREE) or contents.agreed_content(open_book(version))
    return Amendment(
        version=version,
        before=before,
        reason=version.amends_because,
        items=compare_items(signed["items"], now["items"]),
        others=(*_competencies(signed, now), *_parties(signed, now)),
        misfits=tuple(misfits(version)) if version.is_current else (),
    )


def _signed(version: Version) -> Content:
    signed = contents.signed_content(version, Stage.AGREE)
    assert signed is not None  # noqa: S101  only what both sides signed is amended
    return signed


def compare_items(before: Iterable[Content], after: Iterable[Content]) -> Comparison:
    """Return what the items `after` say otherwise than those `before`; an item is known again by its lineage."""
    old, new = _by_lineage(before), _by_lineage(after)
    both = [lineage for lineage in new if lineage in old]
    changed = []
    for lineage in both:
        if entries := differences(old[lineage], new[lineage]):
            changed.append(ChangedIndicator(new[lineage]["code"], new[lineage]["title"], entries))
    return Comparison(
        header=(),
        added=tuple(one for lineage, one in new.items() if lineage not in old),
        removed=tuple(one for lineage, one in old.items() if lineage not in new),
        changed=tuple(changed),
        unchanged=len(both) - len(changed),
    )


def _by_lineage(items: Iterable[Content], parent: str = "") -> dict[str, Content]:
    found: dict[str, Content] = {}
    for item in items:
        columns = {name: item[name] for name in ("code", "title", "weight")}
        columns |= {"parent": parent} if parent else {}
        columns |= {"goal": item["goal"]} if item["goal"] else {}
        found[item["lineage"]] = {**item["definition"], **columns}
        found |= _by_lineage(item["children"], item["code"])
    return found


def _competencies(before: Content, after: Content) -> list[Entry]:
    old, new = ({row["order"]: row for row in content["competencies"]} for content in (before, after))
    label = _("Competency %(order)s")
    return [
        Entry(label % {"order": order}, _competency(old.get(order)), _competency(new.get(order)))
        for order in sorted(old.keys() | new.keys())
        if _competency(old.get(order)) != _competency(new.get(order))
    ]


def _competency(row: Content | None) -> str:
    if row is None:
        return "–"
    return _("%(name)s, expected level %(level)s") % {"name": row["name"] or "–", "level": row["expected"]}


def _parties(before: Content, after: Content) -> list[Entry]:
    old, new = before["parties"], after["parties"]
    return [
        Entry(str(capacity.label), _party(old.get(capacity)), _party(new.get(capacity)))
        for capacity in Capacity
        if _party(old.get(capacity)) != _party(new.get(capacity))
    ]


def _party(party: Content | None) -> str:
    return f"{party['name']}\n{party['title']}" if party else "–"
