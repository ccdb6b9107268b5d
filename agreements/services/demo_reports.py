"""What the units of the demo reported: each step really runs, on its day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import partial
from typing import Any, TypeAlias

from django.utils import timezone

from agreements.models import Organisation, ReportForm, Submission, User
from agreements.services import heads, submission_judging as judging, submissions
from agreements.services.submissions import CellWrite

Story: TypeAlias = Mapping[str, Any]
# Entered in the morning, sent at noon, looked at in the afternoon.
ENTERED, SENT, JUDGED = time(8), time(12), time(15)


def steps(stories: Sequence[Story]) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """Yield what the units of `stories` do, each with its moment."""
    for story in stories:
        acts: tuple[tuple[str, time, Callable[[Story, datetime], None]], ...] = (
            ("begun", ENTERED, _enter),
            ("certified", ENTERED, _enter),
            ("certified", SENT, _send),
            ("returned", JUDGED, _return),
            ("approved", JUDGED, _approve),
        )
        for name, clock, act in acts:
            if name in story:
                given = story[name]
                day: date = given["on"] if isinstance(given, Mapping) else given
                at = timezone.make_aware(datetime.combine(day, clock))
                yield at, partial(act, story, at)


def _enter(story: Story, at: datetime) -> None:
    form = ReportForm.objects.current().select_related("organisation").get(code=story["form"])
    place = Organisation.objects.get(code=story["unit"])
    by = _head(place, at)
    opened = submissions.open_submission(form, organisation=place, period=story["period"], by=by, at=at)
    submissions.write_cells(opened, list(_writes(form, story["rows"])), by=by, at=at)


def _send(story: Story, at: datetime) -> None:
    found = _found(story)
    by = _head(found.organisation, at)
    submissions.complete(found, by=by, at=at)
    submissions.certify(found, by=by, at=at)


def _return(story: Story, at: datetime) -> None:
    found, back = _found(story), story["returned"]
    cell = (found.form.tables[0]["code"], str(back["row"]), back["column"])
    remarks = [judging.Remark(cell, back["comment"])]
    judging.return_for_changes(found, remarks=remarks, reason="", by=_head_above(found, at), at=at)


def _approve(story: Story, at: datetime) -> None:
    found = _found(story)
    judging.approve([found], by=_head_above(found, at), at=at)


def _writes(form: ReportForm, rows: Sequence[Sequence[str]]) -> Iterator[CellWrite]:
    table = form.tables[0]
    for number, row in enumerate(rows, 1):
        for column, text in zip(table["columns"], row, strict=False):
            yield CellWrite(table["code"], str(number), column["code"], text)


def _found(story: Story) -> Submission:
    return Submission.objects.select_related("form", "organisation", "above").get(
        form_code=story["form"], organisation__code=story["unit"], period=story["period"]
    )


def _head_above(submission: Submission, at: datetime) -> User:
    return _head(submission.above or submission.organisation, at)


def _head(place: Organisation, at: datetime) -> User:
    head = heads.head_of(place, day=timezone.localdate(at))
    if head is None:
        raise LookupError(place.code)
    return head.user
