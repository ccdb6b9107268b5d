"""The sums that flow up the tree: written for any number of units with as many statements as for one.

Figures are added as exact decimals, never by the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import F
from django.utils.translation import gettext as _

from agreements.actions import NotAllowed
from agreements.models import Observation, Organisation, ReportForm, Revision, Submission, User
from agreements.services import report_cells, reporting_units
from agreements.services.report_cells import Cell
from agreements.services.submissions import SubmissionRefused, begin


def hold(submissions: Sequence[Submission]) -> list[Submission]:
    """Return `submissions` as they are now with their units, and let nobody else change them until the end of this."""
    keys = [one.pk for one in submissions]
    return list(
        Submission.objects.select_for_update(of=("self",))
        .filter(pk__in=keys)
        .select_related("organisation", "above", "form__organisation")
        .order_by("organisation__sort_key", "pk")
    )


def ask_not_own(submissions: Sequence[Submission], *, by: User) -> None:
    """Refuse whoever certified one of `submissions`.

    :raises NotAllowed: if so.
    """
    keys = {(one.pk, one.number): one for one in submissions}
    own = Revision.objects.filter(certified_by=by, submission__in=[pk for pk, _number in keys])
    for pk, number in own.values_list("submission", "number"):
        if (pk, number) in keys:
            unit = keys[pk, number].organisation.name
            raise NotAllowed(_("Nobody approves what they certified themselves: %(unit)s.") % {"unit": unit})


def receive(form: ReportForm, places: Sequence[Organisation], period: date, *, at: datetime) -> list[Submission]:
    """Return the reports of `places` into which those below flow, begun where there are none yet.

    :raises SubmissionRefused: if one of them is certified: its sums stand.
    """
    keys = [one.pk for one in places]
    there = Submission.objects.of_period(form, period).filter(organisation__in=keys).order_by("pk")
    held = there.select_for_update(of=("self",)).select_related("organisation", "form__organisation")
    found = {one.organisation_id: one for one in held}
    named = {one.pk: one for one in places}
    for key, one in found.items():
        if not one.is_open:
            raise SubmissionRefused(
                _("The report of %(unit)s for this period is certified. It has to be taken back or unlocked first.")
                % {"unit": named[key].name}
            )
    missing = [one for one in places if one.pk not in found]
    return [*found.values(), *(begin(form, missing, period, by=None, at=at) if missing else [])]


def approve_rows(submissions: Sequence[Submission], positions: Mapping[int, str], *, by: User, at: datetime) -> None:
    """Write that `submissions` and their revisions that count are approved, by the position held above each."""
    keys = [one.pk for one in submissions]
    Submission.objects.filter(pk__in=keys).update(state=Submission.State.APPROVED)
    current = Revision.objects.filter(submission__in=keys, number=F("submission__number"))
    for position in sorted(set(positions.values())):
        above = [key for key, title in positions.items() if title == position]
        current.filter(submission__above__in=above).update(approved_by=by, approved_as=position, approved_at=at)
    for one in submissions:
        one.state = Submission.State.APPROVED


def sum_up(submissions: Sequence[Submission]) -> None:
    """Write the totals of `submissions`: their own figures with all approved below them, of one form and period."""
    if not submissions:
        return
    form, period = submissions[0].form, submissions[0].period
    places = {one.organisation_id: one for one in submissions}
    parts: dict[int, list[Mapping[str, str]]] = {key: [] for key in places}
    counts = dict.fromkeys(places, 0)
    approved = Submission.objects.of_period(form, period).filter(above__in=places, state=Submission.State.APPROVED)
    for above, totals, reports in approved.values_list("above", "totals", "reports"):
        parts[above].append(totals)
        counts[above] += reports
    for key, totals in _own_sums(submissions).items():
        parts[key].append(totals)
        counts[key] += 1
    for key, one in places.items():
        one.totals, one.reports = report_cells.merged(parts[key]), counts[key]
    Submission.objects.bulk_update(submissions, ["totals", "reports"])


def _own_sums(submissions: Sequence[Submission]) -> dict[int, dict[str, str]]:
    """Return by unit the sums of what those of `submissions` hold that enter figures of their own."""
    entering = {one.pk: one for one in submissions if reporting_units.reports_itself(one.form, one.organisation)}
    if not entering:
        return {}
    cells: dict[int, dict[Cell, str]] = {pk: {} for pk in entering}
    found = Observation.objects.filter(
        revision__submission__in=entering, revision__number=F("revision__submission__number"), is_valid=True
    )
    for pk, *cell, value in found.values_list("revision__submission", "table", "row", "column", "value"):
        cells[pk][cell[0], cell[1], cell[2]] = value
    return {one.organisation_id: report_cells.totals_of(one.form.tables, cells[pk]) for pk, one in entering.items()}
