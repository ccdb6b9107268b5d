"""What the units of the demo reported: each step really runs, on its day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from agreements.models import Organisation, ReportForm, Submission, User
from agreements.services import heads, submission_judging as judging, submissions
from agreements.services.submissions import CellWrite

# Entered in the morning, sent at noon, looked at in the afternoon.
ENTERED, SENT, JUDGED = time(9), time(12), time(15)


def tell(stories: Sequence[Mapping[str, Any]], *, places: Mapping[str, Organisation]) -> None:
    """Let the units of `stories` report; what came first is told first."""
    fresh = {one.code: one for one in Organisation.objects.filter(code__in=places)}
    forms = {one.code: one for one in ReportForm.objects.current().select_related("organisation")}
    for story in sorted(stories, key=lambda one: str(one.get("certified", one.get("begun")))):
        _report(story, forms[story["form"]], fresh[story["unit"]])
    for story in sorted(stories, key=lambda one: str(one.get("approved", ""))):
        if "approved" in story:
            found = _found(story)
            judging.approve([found], by=_head_above(found, story["approved"]), at=_at(story["approved"], JUDGED))


def _report(story: Mapping[str, Any], form: ReportForm, place: Organisation) -> None:
    day = story.get("certified", story.get("begun"))
    by = _head(place, day)
    submission = submissions.open_submission(
        form, organisation=place, period=story["period"], by=by, at=_at(day, ENTERED)
    )
    submissions.write_cells(submission, list(_writes(form, story["rows"])), by=by, at=_at(day, ENTERED))
    if "certified" in story:
        submissions.complete(submission, by=by, at=_at(day, SENT))
        submissions.certify(submission, by=by, at=_at(day, SENT))
    if "returned" in story:
        back, found = story["returned"], _found(story)
        cell = (form.tables[0]["code"], str(back["row"]), back["column"])
        remarks = [judging.Remark(cell, back["comment"])]
        above = _head_above(found, back["on"])
        judging.return_for_changes(found, remarks=remarks, reason="", by=above, at=_at(back["on"], JUDGED))


def _writes(form: ReportForm, rows: Sequence[Sequence[str]]) -> Iterator[CellWrite]:
    table = form.tables[0]
    for number, row in enumerate(rows, 1):
        for column, text in zip(table["columns"], row, strict=False):
            yield CellWrite(table["code"], str(number), column["code"], text)


def _found(story: Mapping[str, Any]) -> Submission:
    return Submission.objects.select_related("organisation", "above").get(
        form_code=story["form"], organisation__code=story["unit"], period=story["period"]
    )


def _head_above(submission: Submission, day: date) -> User:
    return _head(submission.above or submission.organisation, day)


def _head(place: Organisation, day: date) -> User:
    head = heads.head_of(place, day=day)
    if head is None:
        raise LookupError(place.code)
    return head.user


def _at(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))
