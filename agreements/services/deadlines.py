"""Until when each phase of a round runs, for whom it was extended, and what came after its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from agreements import actions, thai
from agreements.models import (
    Agreement,
    Extension,
    LateMark,
    Organisation,
    Phase,
    Role,
    Round,
    State,
    User,
    Version,
)
from agreements.services import log, working_days
from scoring.lateness import next_working_day

DAY = timedelta(days=1)
# So many rows are asked for by their keys at once: SQLite takes a thousand and not many more.
CHUNK = 500
# So many working days are proposed for mending what was returned.
DAYS_TO_MEND = 3
# The field of the round that holds the last day of a phase.
FIELDS = {Phase.PROPOSE: "propose_by", Phase.REPORT: "report_by", Phase.ASSESS: "assess_by"}
# The phase that an agreement is in: agreeing belongs to proposing, both are to be done by the same day.
PHASES: Mapping[str, Phase] = {
    State.DRAFT: Phase.PROPOSE,
    State.PROPOSED: Phase.PROPOSE,
    State.AGREED: Phase.REPORT,
    State.REPORTED: Phase.ASSESS,
}
# The act that ends a phase for an agreement, and the states in which it is still to come.
ENDS: Mapping[str, Phase] = {
    actions.PROPOSE.code: Phase.PROPOSE,
    actions.REPORT.code: Phase.REPORT,
    actions.ASSESS.code: Phase.ASSESS,
}
BEFORE: Mapping[str, list[str]] = {
    Phase.PROPOSE: [State.DRAFT],
    Phase.REPORT: [State.DRAFT, State.PROPOSED, State.AGREED],
    Phase.ASSESS: [State.DRAFT, State.PROPOSED, State.AGREED, State.REPORTED],
}


class DeadlinePassed(Exception):
    """The phase is over, and the round takes nothing that comes late."""


# --- When a phase ends -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a phase for one agreement: the day set, or granted, or the next working day after it."""

    day: date
    extension: Extension | None = None

    @property
    def closes_at(self) -> datetime:
        """The first moment that is too late: the midnight in Thailand that ends the day."""
        return datetime.combine(self.day + DAY, time.min, tzinfo=thai.THAI_TIME)

    def is_past(self, at: datetime) -> bool:
        """Return whether what arrives `at` is late."""
        return at >= self.closes_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The deadlines of some rounds with all that was granted and all holidays, read once."""

    # Where the rounds belong, by their keys.
    places: Mapping[int, str]
    holidays: working_days.Holidays
    extensions: tuple[Extension, ...]

    def general(self, round_: Round, phase: str) -> Due | None:
        """Return the last day of `phase` for all to whom nothing else was granted."""
        day = getattr(round_, FIELDS[Phase(phase)])
        return self._rolled(self.places.get(round_.pk, ""), day, None) if day else None

    def due(self, agreement: Agreement, phase: str) -> Due | None:
        """Return the last day of `phase` for `agreement`: the latest of those that were set or granted."""
        return self.due_at(agreement.organisation, agreement.round, phase, agreement=agreement.pk)

    def due_at(self, place: Organisation, round_: Round, phase: str, *, agreement: int | None = None) -> Due | None:
        """Return the last day of `phase` for somebody of `place`, also before there is an agreement."""
        day = getattr(round_, FIELDS[Phase(phase)])
        if day is None:
            return None
        granted = [
            self._rolled(place.path, one.until, one)
            for one in self.extensions
            if one.phase == phase and one.round_id == round_.pk and _concerns(one, place, agreement)
        ]
        return max([self._rolled(place.path, day, None), *granted], key=lambda due: due.day)

    def due_of(self, version: Version, state: str = "") -> Due | None:
        """Return the last day on which `version` may leave `state`, as a rule the one in which its part stands.

        An amendment in mid-round has none for its signatures, and no part has one that lies before it begins.
        """
        phase = PHASES.get(state or version.part.standing)
        if phase is None or (version.is_open_amendment and phase == Phase.PROPOSE):
            return None
        due = self.due(version.part.agreement, phase)
        return None if due and not version.part.is_only and due.day < version.part.starts_on else due

    def working_day_after(self, place: Organisation, day: date, count: int) -> date:
        """Return the working day of `place` that comes `count` working days after `day`."""
        for _number in range(count):
            day = self._rolled(place.path, day + DAY, None).day
        return day

    def ends(self, round_: Round, extension: Extension) -> Due:
        """Return the last day of `extension`, one of `round_`."""
        unit = extension.organisation or (extension.agreement.organisation if extension.agreement else None)
        return self._rolled(unit.path if unit else self.places[round_.pk], extension.until, extension)

    def open_below(self, top: str, day: date, at: datetime) -> list[str]:
        """Return the paths at or below `top` of offices whose own holidays carry `day` on beyond `at`."""
        own = (path for path in self.holidays.tables if path.startswith(top))
        return [path for path in own if not self._rolled(path, day, None).is_past(at)]

    def still_late(self, marks: Iterable[LateMark], agreement: Agreement) -> list[LateMark]:
        """Return those `marks` of `agreement` that no extension granted since has made good."""
        found = [(mark, self.due(agreement, mark.phase)) for mark in marks]
        return [mark for mark, due in found if due is not None and due.is_past(mark.at)]

    def _rolled(self, path: str, day: date, extension: Extension | None) -> Due:
        return Due(next_working_day(day, self.holidays.at(path)), extension)


def _concerns(extension: Extension, place: Organisation, agreement: int | None) -> bool:
    if extension.organisation is not None:
        return place.path.startswith(extension.organisation.path)
    return extension.agreement_id == agreement


def read(rounds: Iterable[Round]) -> Calendar:
    """Read the deadlines of `rounds`: three questions, however many they are."""
    keys = {round_.pk for round_ in rounds}
    places = dict(Round.objects.filter(pk__in=keys).values_list("pk", "organisation__path"))
    granted = Extension.objects.granted().filter(round__in=keys).select_related("organisation").order_by("pk")
    return Calendar(places=places, holidays=working_days.read_below(places.values()), extensions=tuple(granted))


def day_of(version: Version) -> date | None:
    """Return the last day of the phase that `version` is in, for it; for a page about one agreement."""
    due = read([version.part.agreement.round]).due_of(version)
    return due.day if due else None


def words(day: date, today: date) -> str:
    """Return how long it is from `today` to `day`, in words."""
    left = (day - today).days
    if left == 0:
        return _("today")
    if left < 0:
        return ngettext("%(days)s day late", "%(days)s days late", -left) % {"days": -left}
    return ngettext("%(days)s day left", "%(days)s days left", left) % {"days": left}


# --- After the end ---------------------------------------------------------------------------------------------------
def refusals(version: Version, action: actions.Action, *, at: datetime) -> list[str]:
    """Return, in words, why `action` comes too late; nothing where the round takes what is late."""
    agreement = version.part.agreement
    phase = ENDS.get(action.code)
    if phase is None or agreement.round.late_submissions == Round.LateSubmissions.MARK:
        return []
    due = None if _amends(version) else read([agreement.round]).due(agreement, phase)
    if due is None or not due.is_past(at):
        return []
    return [
        _("The last day for this was %(day)s. The HR office of %(office)s can give more time; what is written is kept.")
        % {"day": thai.format_date(due.day, "long"), "office": log.office_of(agreement.organisation).name}
    ]


def demand(version: Version, action: actions.Action, *, at: datetime) -> None:
    """Refuse `action` where it comes too late.

    :raises DeadlinePassed: if the phase is over for this agreement, and the round takes nothing late.
    """
    reasons = refusals(version, action, at=at)
    if reasons:
        raise DeadlinePassed(*reasons)


def _amends(version: Version) -> bool:
    """Return whether it is an amendment in mid-round, which no deadline of the round's start holds."""
    return version.amends_id is not None and version.part.standing in (State.DRAFT, State.PROPOSED)


def mark(version: Version, action: actions.Action, *, at: datetime) -> dict[str, Any]:
    """Keep that `action` came late, where it did; return what the log says of it."""
    phase = ENDS.get(action.code)
    if phase is None:
        return {}
    agreement = version.part.agreement
    due = None if _amends(version) else read([agreement.round]).due(agreement, phase)
    if due is None or not due.is_past(at):
        return {}
    LateMark.objects.get_or_create(agreement=agreement, phase=phase, defaults={"due": due.day, "at": at})
    return {"late": {"due": due.day}}


# --- Who did not -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Overdue:
    """An agreement whose phase ended before its act was done."""

    agreement: Agreement
    due: Due


def overdue(agreements: Any, *, at: datetime) -> dict[Phase, list[Overdue]]:
    """Return, phase by phase, those of `agreements`, a queryset fetched for lists, that did not do its act in time."""
    amending = Version.objects.current().filter(amends__isnull=False, abandoned_at=None)
    in_mid_round = Q(state__in=[State.DRAFT, State.PROPOSED], parts__versions__in=amending)
    waiting = agreements.filter(state__in=list(PHASES)).exclude(in_mid_round).order_by("organisation__path", "pk")
    running = list(waiting.iterator(chunk_size=CHUNK))
    calendar = read({one.round_id: one.round for one in running}.values())
    found: dict[Phase, list[Overdue]] = {phase: [] for phase in Phase}
    for phase, rows in found.items():
        for one in running:
            due = calendar.due(one, phase) if one.state in BEFORE[phase] else None
            if due is not None and due.is_past(at):
                rows.append(Overdue(one, due))
    return found


# --- Who may decide --------------------------------------------------------------------------------------------------
def is_hr_over(user: User, place: Organisation) -> bool:
    """Return whether `user` is HR for `place`."""
    return any(place.path.startswith(path) for path in Role.objects.paths(user, Role.Kind.HR))


def local_day(at: datetime) -> date:
    """Return the day in Thailand."""
    return timezone.localdate(at, thai.THAI_TIME)
