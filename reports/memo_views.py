"""The monthly memo to a director, with one click from the monitoring page: as PDF and as a workbook."""

from datetime import date

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from agreements import clock
from agreements.models import Organisation, Remedy, User
from agreements.services import heads, monitoring
from agreements.thai import format_month
from agreements.views.monitoring import Asked, asked_or_404, heading_of
from agreements.views.requests import UserRequest
from reports import memo
from reports.rows.memo import MemoIndicator, MemoRemedy, MonthlyMemo, figure
from reports.views import chosen_digits
from scoring import display

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCORE_PLACES = 4


@require_safe
def memo_as_pdf(request: UserRequest, pk: int) -> HttpResponse:
    """Send the memo of the month that the monitoring page shows as a PDF."""
    asked = asked_or_404(request, pk)
    body = memo.memo_pdf(memo_of(asked, request.user), digits=chosen_digits(request, usual="thai"))
    return _sent(body, "application/pdf", asked, "pdf", as_attachment=False)


@require_safe
def memo_as_workbook(request: UserRequest, pk: int) -> HttpResponse:
    """Send the table of the same memo as a workbook."""
    asked = asked_or_404(request, pk)
    return _sent(memo.memo_xlsx(memo_of(asked, request.user)), WORKBOOK, asked, "xlsx", as_attachment=True)


def _sent(body: bytes, kind: str, asked: Asked, ending: str, *, as_attachment: bool) -> HttpResponse:
    month = format_month(monitoring.first_day(asked.month), "long")
    name = f"รายงานผลการติดตามตัวชี้วัด {asked.framework.code} {month}.{ending}"
    held = content_disposition_header(as_attachment=as_attachment, filename=name)
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": held or "inline"})


# --- What it says ----------------------------------------------------------------------------------------------------
def memo_of(asked: Asked, by: User) -> MonthlyMemo:
    """Return the memo of what `asked` shows, from `by` to the head of the office."""
    board = monitoring.board(asked.framework, asked.place, asked.month, months=asked.months)
    today = clock.today()
    to, signatory, title = _people(asked.place, by, today)
    forecast = ""
    if board.forecast is not None:
        forecast = f"{display(board.forecast, SCORE_PLACES)} จาก {board.highest} คะแนน"
    return MonthlyMemo(
        office=asked.place.name,
        month=board.month,
        framework=asked.framework.title,
        indicators=tuple(_indicator(row, board.month) for row in board.rows),
        to=to,
        on=today,
        signatory=signatory,
        signatory_title=title,
        forecast=forecast,
    )


def _people(place: Organisation, by: User, day: date) -> tuple[str, str, str]:
    """Return to whom it goes, and who signs it; the head does not write to the head."""
    head = heads.head_of(place, day=day)
    to = head.printed_title if head else ""
    if head is not None and head.user_id == by.pk:
        return to, "", ""
    held = by.postings.held_on(day).order_by("is_acting", "-starts_on", "pk").first()
    return to, by.full_name, held.printed_title if held else ""


def _indicator(row: monitoring.Row, month: date) -> MemoIndicator:
    ahead = ""
    if row.target is None and row.ahead is not None and row.ahead_month is not None:
        ahead = f"{figure(row.ahead.value)} (ภายใน {format_month(row.ahead_month)})"
    return MemoIndicator(
        code=row.indicator.code,
        issue=heading_of(row.indicator),
        title=row.indicator.title,
        light=row.look,
        unit=str(row.indicator.definition.get("unit", "")),
        target=row.target,
        target_words=ahead,
        value=row.value,
        value_of=row.value_of if row.value_of != month else None,
        remedy=_remedy(row.remedy) if row.remedy else None,
    )


def _remedy(remedy: Remedy) -> MemoRemedy:
    return MemoRemedy(cause=remedy.cause, action=remedy.action, owner=remedy.owner.user.full_name, due_on=remedy.due_on)
