"""The sums that flow up the tree: written for any number of units with as many statements as for one.

Figures are added as exact decimals, never by the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from agreements.actions import NotAllowed
from agreements.models import Observation, Organisation, ReportForm, Revision, Submission, User
from agreements.services import report_cells, reporting_units
from agreements.services.report_cells import Cell
from agreements.services.submissions import SubmissionRefused


@dataclass(frozen=True, slots=True)
class Level:
    """All reports of a form and period to some units, and the reports of these units, held until the end of the act."""

    rows: tuple[Submission, ...]
    # The units to which they go, by key, and their own reports, by unit, where they have begun.
    places: Mapping[int, Organisation]
    own: Mapping[int, Submission]
    forms: Mapping[int, ReportForm]

    def chosen(self, keys: Iterable[int]) -> list[Submission]:
        """Return the reports of these keys, as they are now."""
        wanted = set(keys)
        return [one for one in self.rows if one.pk in wanted and one.above_id in self.places]

    def form_of(self, submission: Submission) -> ReportForm:
        """Return the version of the form by which a report was entered."""
        return self.forms[submission.form_id]


def hold(form_code: str, period: date, above: Iterable[int]) -> Level:
    """Read everything that flows into the units of the keys `above`, and let nobody else change it: two questions."""
    keys = set(above)
    certifier = Revision.objects.filter(submission=OuterRef("pk"), number=OuterRef("number")).values("certified_by")
    rows = tuple(
        Submission.objects.select_for_update(of=("self",))
        .filter(Q(above__in=keys) | Q(organisation__in=keys), form_code=form_code, period=period)
        .select_related("organisation", "above")
        .annotate(certifier=Subquery(certifier))
        .order_by("organisation__sort_key", "pk")
    )
    forms = {one.form_id for one in rows}
    return Level(
        rows,
        {one.above.pk: one.above for one in rows if one.above is not None and one.above.pk in keys},
        {one.organisation_id: one for one in rows if one.organisation_id in keys},
        {one.pk: one for one in ReportForm.objects.filter(pk__in=forms).select_related("organisation")},
    )


def ask_not_own(submissions: Sequence[Submission], *, by: User) -> None:
    """Refuse whoever certified one of `submissions`.

    :raises NotAllowed: if so.
    """
    for one in submissions:
        if one.certifier == by.pk:  # type: ignore[attr-defined]  # as `hold` reads it
            unit = one.organisation.name
            raise NotAllowed(_("Nobody approves what they certified themselves: %(unit)s.") % {"unit": unit})


def ask_for_open(level: Level) -> None:
    """Refuse to change sums that are certified.

    :raises SubmissionRefused: if one of the units has certified its own report.
    """
    for key, one in level.own.items():
        if not one.is_open:
            raise SubmissionRefused(
                _("The report of %(unit)s for this period is certified. It has to be taken back or unlocked first.")
                % {"unit": level.places[key].name if key in level.places else one.organisation.name}
            )


def approve_rows(submissions: Sequence[Submission], positions: Mapping[int, str], *, by: User, at: datetime) -> None:
    """Write that `submissions` and their revisions that count are approved, by the position held above each."""
    keys = [one.pk for one in submissions]
    current = Revision.objects.filter(submission__in=keys, number=F("submission__number"))
    titles = sorted(set(positions.values()))
    for position in titles:
        above = [key for key, title in positions.items() if title == position]
        held = current.filter(submission__above__in=above) if len(titles) > 1 else current
        held.update(approved_by=by, approved_as=position, approved_at=at)
    Submission.objects.filter(pk__in=keys).update(state=Submission.State.APPROVED)
    for one in submissions:
        one.state = Submission.State.APPROVED


# --- Summing up ------------------------------------------------------------------------------------------------------
def sum_up(level: Level, *, at: datetime) -> None:
    """Write the totals of the units of `level`: their own figures with all approved below them.

    A unit that has no report yet gets one to be certified.
    """
    own = _own_sums(level)
    sums: dict[int, tuple[dict[str, str], int]] = {}
    parts: dict[int, list[Mapping[str, str]]] = {key: [] for key in level.places}
    counts = dict.fromkeys(level.places, 0)
    below: dict[int, Submission] = {}
    for one in level.rows:
        if one.above_id not in parts:
            continue
        below.setdefault(one.above_id, one)
        if one.state == Submission.State.APPROVED:
            parts[one.above_id].append(one.totals)
            counts[one.above_id] += one.reports
    for key, found in parts.items():
        itself = [own[key]] if key in own else []
        sums[key] = report_cells.merged([*itself, *found]), counts[key] + len(itself)
    changed = []
    for key, one in level.own.items():
        if key in sums:
            one.totals, one.reports = sums[key]
            changed.append(one)
    if changed:
        Submission.objects.bulk_update(changed, ["totals", "reports"])
    _begin([below[key] for key in sums if key not in level.own], sums, level, at=at)


def _own_sums(level: Level) -> dict[int, dict[str, str]]:
    """Return by unit the sums of what those units hold that enter figures of their own."""
    entering = {
        one.pk: one
        for one in level.own.values()
        if reporting_units.reports_itself(level.form_of(one), one.organisation)
    }
    if not entering:
        return {}
    cells: dict[int, dict[Cell, str]] = {pk: {} for pk in entering}
    found = Observation.objects.filter(
        revision__submission__in=entering, revision__number=F("revision__submission__number"), is_valid=True
    )
    for pk, *cell, value in found.values_list("revision__submission", "table", "row", "column", "value"):
        cells[pk][cell[0], cell[1], cell[2]] = value
    return {
        one.organisation_id: report_cells.totals_of(level.form_of(one).tables, cells[pk])
        for pk, one in entering.items()
    }


def _begin(
    below: Sequence[Submission], sums: Mapping[int, tuple[dict[str, str], int]], level: Level, *, at: datetime
) -> None:
    """Begin the reports of the units to which `below` go; what is known of these says where they stand."""
    made = []
    for one in below:
        goes_to = int(one.above_id or 0)
        line = one.line.strip("/").split("/")[:-1]
        form = level.form_of(one)
        has_more = bool((form.definition.get("due") or {}).get("sums_after"))
        goes_on = goes_to != form.organisation_id and len(line) > 1
        totals, reports = sums[goes_to]
        made.append(
            Submission(
                form=form,
                form_code=one.form_code,
                organisation_id=goes_to,
                period=one.period,
                above_id=int(line[-2]) if goes_on else None,
                line="/" + "".join(f"{key}/" for key in line),
                # Of the first one below; its own holidays are asked when it arrives.
                due_on=None if has_more else one.due_on,
                closes_on=None if has_more else one.closes_on,
                totals=totals,
                reports=reports,
                opened_at=at,
            )
        )
    if made:
        Submission.objects.bulk_create(made)
        Revision.objects.bulk_create([Revision(submission=one, number=1, begun_at=at) for one in made])
