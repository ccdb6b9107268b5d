"""Setting the deadlines of a round, giving more time, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import actions, thai
from agreements.models import Agreement, Extension, Organisation, Round, User, Version
from agreements.predicates import is_own
from agreements.services import deadlines, log, more_time, states

# A deadline so many days after the round's last day is a slip of the pen, such as a wrong year.
MOST_DAYS_AFTER = 366


class DeadlineRefused(Exception):
    """Deadlines cannot be set, or time cannot be given, so."""


# --- Of the round ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The last days of the phases of a round, what becomes of what comes later, and who else looks at it."""

    propose_by: date | None
    report_by: date | None
    assess_by: date | None
    late_submissions: str
    checks_completeness: bool = False
    second_review: bool = False


def deadlines_of(round_: Round) -> Deadlines:
    """Return what `round_` says now."""
    return Deadlines(**{name: getattr(round_, name) for name in Deadlines.__dataclass_fields__})


@transaction.atomic
def set_deadlines(round_: Round, wanted: Deadlines, *, by: User, at: datetime) -> None:
    """Write the deadlines of `round_`; the log keeps what they were.

    :raises NotAllowed: if `by` is not HR for all that the round serves.
    :raises DeadlineRefused: if they are not in their order, or lie far from the round.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=round_.pk)
    if not deadlines.is_hr_over(by, round_.organisation):
        raise actions.NotAllowed(_("This is not yours to do."))
    _demand_order(round_, wanted)
    before = deadlines_of(round_)
    if before == wanted:
        return
    for name, value in asdict(wanted).items():
        setattr(round_, name, value)
    round_.save(update_fields=list(asdict(wanted)))
    log.record(
        "round.deadlines",
        office=log.office_of(round_.organisation),
        by=by,
        at=at,
        details={"round": str(round_), "before": asdict(before), "after": asdict(wanted)},
    )


def _demand_order(round_: Round, wanted: Deadlines) -> None:
    days = [day for day in (wanted.propose_by, wanted.report_by, wanted.assess_by) if day is not None]
    if days != sorted(days):
        raise DeadlineRefused(_("The days must follow one another: first proposing, then reporting, then assessing."))
    for day in days:
        _demand_near(round_, day)


def _demand_near(round_: Round, day: date) -> None:
    if day < round_.starts_on or (day - round_.ends_on).days > MOST_DAYS_AFTER:
        raise DeadlineRefused(_("A deadline lies between the first day of the round and one year after its last day."))


# --- More time -------------------------------------------------------------------------------------------------------
@transaction.atomic
def extend_unit(
    round_: Round, place: Organisation, phase: str, *, until: date, reason: str, by: User, at: datetime
) -> Extension:
    """Give `place` and all below it until `until` for `phase`.

    :raises NotAllowed: if `by` is not HR for `place`.
    :raises DeadlineRefused: without a reason, or where the day is no later than the round's own.
    """
    if not deadlines.is_hr_over(by, place):
        raise actions.NotAllowed(_("This is not yours to do."))
    _demand_sense(round_, phase, until, reason)
    made = Extension.objects.create(
        round=round_, phase=phase, organisation=place, until=until, reason=reason.strip(), granted_by=by, granted_at=at
    )
    _record("deadline.extended", made, by=by, at=at, details={"unit": place.code, "until": until})
    more_time.tell([made], by=by, at=at)
    return made


@transaction.atomic
def extend_agreements(
    round_: Round, chosen: Sequence[Agreement], phase: str, *, until: date, reason: str, by: User, at: datetime
) -> list[Extension]:
    """Give each of `chosen` until `until` for `phase`: one entry of the log that lists them.

    :raises NotAllowed: if `by` is not HR for one of them, or it is `by`'s own.
    :raises DeadlineRefused: without a reason, without an agreement, or where the day is no later than the round's own.
    """
    if not chosen:
        raise DeadlineRefused(_("Choose at least one agreement."))
    for one in chosen:
        if is_own(one, by) or not deadlines.is_hr_over(by, one.organisation):
            raise actions.NotAllowed(_("This is not yours to do."))
        if one.round_id != round_.pk:
            raise DeadlineRefused(_("These agreements are not all of this round."))
    _demand_sense(round_, phase, until, reason)
    made = [_grant(one, phase, until=until, reason=reason.strip(), by=by, at=at) for one in chosen]
    details = {"agreements": [one.pk for one in chosen], "until": until}
    _record("deadline.extended", made[0], by=by, at=at, details=details, alone=len(made) == 1)
    more_time.tell(made, by=by, at=at)
    return made


def _grant(agreement: Agreement, phase: str, *, until: date, reason: str, by: User, at: datetime) -> Extension:
    return Extension.objects.create(
        round_id=agreement.round_id,
        phase=phase,
        agreement=agreement,
        until=until,
        reason=reason,
        granted_by=by,
        granted_at=at,
    )


def _demand_sense(round_: Round, phase: str, until: date, reason: str) -> None:
    if not reason.strip():
        raise DeadlineRefused(_("Give the reason why more time is given."))
    general = deadlines.read([round_]).general(round_, phase)
    if general is None:
        raise DeadlineRefused(_("The round sets no day for this, so there is nothing to extend."))
    if until <= general.day:
        raise DeadlineRefused(
            _("Choose a day after %(day)s, which holds for everybody.") % {"day": thai.format_date(general.day, "long")}
        )
    _demand_near(round_, until)


@transaction.atomic
def change(extension: Extension, *, until: date, reason: str, by: User, at: datetime) -> None:
    """Make an extension shorter or longer.

    :raises NotAllowed: if `by` is not HR for whom it was given to.
    :raises DeadlineRefused: if it was withdrawn, or could not be given so.
    """
    extension = _held(extension, by)
    _demand_sense(extension.round, extension.phase, until, reason)
    had = extension.until
    before = {"until": had, "reason": extension.reason}
    extension.until, extension.reason = until, reason.strip()
    extension.save(update_fields=["until", "reason"])
    _record("deadline.changed", extension, by=by, at=at, details={"before": before, "until": until})
    if until > had:
        more_time.tell([extension], by=by, at=at)


@transaction.atomic
def withdraw(extension: Extension, *, by: User, at: datetime) -> None:
    """Take an extension back: the round's own day, or another extension, holds again.

    :raises NotAllowed: if `by` is not HR for whom it was given to.
    :raises DeadlineRefused: if it was withdrawn already.
    """
    extension = _held(extension, by)
    extension.withdrawn_at = at
    extension.save(update_fields=["withdrawn_at"])
    _record("deadline.withdrawn", extension, by=by, at=at, details={"until": extension.until})


def _held(extension: Extension, by: User) -> Extension:
    extension = (
        Extension.objects.select_for_update(of=("self",))
        .select_related("round__organisation", "organisation", "agreement__organisation")
        .get(pk=extension.pk)
    )
    agreement = extension.agreement
    place = agreement.organisation if agreement else extension.organisation
    assert place is not None  # noqa: S101  a constraint of the table
    if not deadlines.is_hr_over(by, place) or (agreement and is_own(agreement, by)):
        raise actions.NotAllowed(_("This is not yours to do."))
    if extension.withdrawn_at is not None:
        raise DeadlineRefused(_("This extension was withdrawn already."))
    return extension


def _record(
    verb: str, extension: Extension, *, by: User, at: datetime, details: dict[str, Any], alone: bool = True
) -> None:
    agreement = extension.agreement if alone else None
    about = extension.agreement
    place = about.organisation if about else extension.organisation
    assert place is not None  # noqa: S101  a constraint of the table
    said = {"round": str(extension.round), "phase": extension.phase, "reason": extension.reason} | details
    log.record(verb, office=log.office_of(place), by=by, at=at, agreement=agreement, details=said)


# --- Time to mend ----------------------------------------------------------------------------------------------------
@transaction.atomic
def return_to_mend(
    version: Version,
    action: actions.Action,
    *,
    by: User,
    reason: str,
    mend_by: date | None,
    at: datetime,
    remarks: Mapping[UUID, str] | None = None,
) -> Version:
    """Return `version` one step, and give until `mend_by` for mending it where that is later than the deadline.

    :raises DeadlineRefused: if the day lies in the past or far from the round.
    """
    renewed = states.return_with_reason(version, action, by=by, reason=reason, at=at, remarks=remarks)
    phase = deadlines.PHASES.get(action.target)
    if mend_by is None or phase is None:
        return renewed
    agreement = version.part.agreement
    if mend_by < deadlines.local_day(at):
        raise DeadlineRefused(_("The day for mending lies in the past."))
    _demand_near(agreement.round, mend_by)
    due = deadlines.read([agreement.round]).due(agreement, phase)
    if due is not None and mend_by > due.day:
        made = _grant(agreement, phase, until=mend_by, reason=_("Returned for mending."), by=by, at=at)
        _record("deadline.extended", made, by=by, at=at, details={"until": mend_by})
    return renewed
