"""Noting who opened what was handed on: until somebody has, whoever handed it on may withdraw it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from agreements.models import READ, Organisation, Reading, Result, State, User, Version
from agreements.predicates import is_hr, is_screener
from agreements.services import acting, log
from agreements.services.states import WITHDRAWALS, of_part

WITHDRAWABLE: frozenset[State] = frozenset(state for action in WITHDRAWALS for state in action.sources)


def note(version: Version, *, by: User, at: datetime) -> None:
    """Keep that `by` opened `version`, where that ends somebody's right to withdraw it.

    Only a party, HR or the screening committee is waited for; whoever may withdraw it reads their own.
    """
    state = version.part.standing
    if state not in WITHDRAWABLE or _handed_on(version, by):
        return
    if any(party.user_id == by.pk for party in version.parties.all()) or is_hr(by, version) or is_screener(by, version):
        Reading.objects.get_or_create(version=version, reader=by, state=state, defaults={"opened_at": at})


def _handed_on(version: Version, user: User) -> bool:
    state = version.part.standing
    return any(action.who(user, version) for action in WITHDRAWALS if state in action.sources)


def log_reading(versions: Sequence[Version], *, page: str, by: User, at: datetime, as_list: bool = False) -> None:
    """Log that `by` was shown results of others on `page`, none for one's own; of a list, one entry that names all."""
    # An organisation's result is nobody's personal data.
    people = [one for one in versions if not one.part.agreement.is_of_organisation]
    others = [one for one in people if one.part.agreement.person_id != by.pk]
    having = set(Result.objects.filter(part__in=[one.part_id for one in others]).values_list("part", flat=True))
    read = [one for one in others if one.part_id in having]
    if not read:
        return
    places = {one.part.agreement.organisation_id: one.part.agreement.organisation for one in read}
    offices = {key: log.office_of(place) for key, place in places.items()}
    by_office: dict[Organisation, list[Version]] = {}
    for one in read:
        by_office.setdefault(offices[one.part.agreement.organisation_id], []).append(one)
    with transaction.atomic():
        for office, listed in by_office.items():
            agreements = [one.part.agreement for one in listed]
            alone = not as_list
            told = {"page": page} | (of_part(listed[0]) | acting.told(by, listed[0]) if alone else {})
            log.record(
                READ,
                office=office,
                by=by,
                at=at,
                agreement=agreements[0] if alone else None,
                batch=[] if alone else agreements,
                details=told if alone else told | {"agreements": [int(one.pk) for one in agreements]},
            )


@transaction.atomic
def log_list(shown: Iterable[tuple[int, Organisation]], *, page: str, by: User, at: datetime) -> None:
    """Log that `by` was given a list with results of others: one entry an office, naming all of its agreements.

    `shown` are their keys with the units they belong to; a round's whole list is no more questions for each of them.
    """
    by_unit: dict[int, list[int]] = {}
    units: dict[int, Organisation] = {}
    for key, unit in shown:
        units[unit.pk] = unit
        by_unit.setdefault(unit.pk, []).append(key)
    by_office: dict[Organisation, list[int]] = {}
    for pk, office in log.offices_of(units.values()).items():
        by_office.setdefault(office, []).extend(by_unit[pk])
    for office, keys in by_office.items():
        details = {"page": page, "agreements": keys}
        log.record(READ, office=office, by=by, at=at, batch=keys, details=details)
