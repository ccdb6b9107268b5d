"""The municipality of the demo: its own agreement, under way; every step is taken by the service that takes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from django.utils import timezone

from agreements import actions
from agreements.models import Agreement, Duty, Item, Organisation, Posting, Role, Round, User, Version
from agreements.services import (
    agreements,
    blanks,
    content as contents,
    duties,
    evidence_lists,
    frameworks,
    library,
    log,
    organisation_agreements,
    results,
    signing,
)

Told: TypeAlias = Mapping[str, Any]
MORNING = time(9)


def tell(told: Told, framework: Mapping[str, Any], *, postings: Mapping[str, Posting]) -> Agreement:
    """Open the round of the municipality and take all steps of its agreement, in the order of their days."""
    place = Organisation.objects.get(code=told["organisations"][0]["code"])
    hr = User.objects.get(roles__kind=Role.Kind.HR, roles__organisation=place)
    at = _at(told["published_on"])
    outcome = frameworks.import_framework(_moved(framework, told), organisation=place, at=at, by=None)
    published = frameworks.publish(outcome.framework, at=at + timedelta(minutes=30), by=None)
    round_ = _open_round(told["round"], place, published.header, by=hr, at=at + timedelta(hours=1))
    story = told["agreement"]
    agreement = organisation_agreements.open_for(
        round_,
        place,
        signs=postings[story["signs"]],
        agrees=postings[story["agrees"]],
        witnesses=[postings[name] for name in story["witnesses"]],
        by=hr,
        at=_at(story["opened"]),
    )
    _agree(agreement, story, postings)
    _work(agreement, story, postings)
    return agreement


def _at(day: date, minutes: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, MORNING) + timedelta(minutes=minutes))


def _moved(value: Any, told: Told) -> Any:
    """Return the framework with the years that its texts name moved to the demo's, under a code of its own."""
    moved = _with_years(value, {str(old): str(new) for old, new in told["years"].items()})
    return {**moved, "code": told["code"], "fiscal_year": told["round"]["fiscal_year"]}


def _with_years(value: Any, years: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for old, new in years.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {key: _with_years(one, years) for key, one in value.items()}
    return [_with_years(one, years) for one in value] if isinstance(value, list) else value


def _open_round(told: Told, place: Organisation, header: Told, *, by: User, at: datetime) -> Round:
    grades = {"grades": header["grades"], "grades_on": header["grades_on"]}
    round_ = Round.objects.create(organisation=place, status=Round.Status.OPEN, **told, **grades)
    log.record("round.opened", office=place, by=by, at=at, details={"round": str(round_)})
    # As the database has it: weights are decimals there.
    round_.refresh_from_db()
    return round_


def _current(agreement: Agreement) -> Version:
    found = Version.objects.select_related("part__agreement__round", "part__agreement__organisation")
    return found.get(part__agreement=agreement, is_current=True)


# --- Agreeing --------------------------------------------------------------------------------------------------------
def _agree(agreement: Agreement, story: Told, postings: Mapping[str, Posting]) -> None:
    clerk, mayor = postings[story["signs"]].user, postings[story["agrees"]].user
    version, at = _current(agreement), _at(story["chosen"])
    given = agreements.indicators_given_to(agreement.organisation, agreement.round)
    tops = [one for one in given if one.parent_id is None]
    agreements.choose_indicators(version, tops, by=clerk, at=at)
    for code, texts in story["blanks"].items():
        _fill_in(version.items.get(code=code), texts, by=clerk)
    _sign(agreement, actions.PROPOSE, by=clerk, at=_at(story["proposed"]))
    days = zip(actions.WITNESSES_START, story["witnesses"], story["witnessed"], strict=True)
    for number, (action, name, day) in enumerate(days):
        _sign(agreement, action, by=postings[name].user, at=_at(day, minutes=15 * number))
    _sign(agreement, actions.AGREE, by=mayor, at=_at(story["agreed"]))


def _fill_in(item: Item, texts: list[str], *, by: User) -> None:
    source = library.sources_of([item])[item.pk]
    keys = [blank.name for blank in blanks.blanks_of(source)]
    filled = dict(zip(keys, texts, strict=True))
    library.fill_in(item, library.Filling(texts=filled, levels={}, weight=item.weight), by=by)


def _sign(agreement: Agreement, action: actions.Action, *, by: User, at: datetime) -> None:
    version = _current(agreement)
    shown = contents.hash_of(signing.content_to_sign(version, action))
    signing.sign_off(version, action, by=by, shown=shown, at=at)


# --- The year under way ----------------------------------------------------------------------------------------------
def _work(agreement: Agreement, story: Told, postings: Mapping[str, Posting]) -> None:
    version, clerk = _current(agreement), postings[story["signs"]].user
    items = {item.code: item for item in version.items.all()}
    at = _at(story["duties"])
    duties.give_by_title(version, by=clerk, at=at)
    for name, codes in story["collects"].items():
        chosen = [items[code] for code in codes]
        duties.give(version, Duty.Kind.COLLECTOR, postings[name], chosen, by=clerk, at=at + timedelta(minutes=10))
    entered = story["entered"]
    for number, (code, entry) in enumerate(entered["results"].items()):
        by, moment = postings[entry["by"]].user, _at(entered["on"], minutes=20 * number)
        results.enter(version, items[code], entry["inputs"], note=entry["note"], by=by, at=moment)
        if "at_hand" in entry:
            evidence_lists.tick(version, items[code], entry["at_hand"], by=by, at=moment)
    confirmed = story["confirmed"]
    for name, codes in confirmed["codes"].items():
        for code in codes:
            duties.confirm(version, items[code], by=postings[name].user, at=_at(confirmed["on"]))
