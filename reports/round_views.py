"""What is written of a round: the list of its board, its summary and its detail as workbooks."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements import actions, clock, thai
from agreements.models import Organisation, Role, Round
from agreements.services import board, deadlines, readings, round_figures
from agreements.services.round_figures import Figures
from agreements.views.board import round_or_404
from agreements.views.requests import UserRequest
from reports import board_workbook, detail_workbook, summary_workbook
from reports.sheets import XLSX


@require_safe
def board_list(request: UserRequest, pk: int) -> HttpResponse:
    """Send the agreements that the board lists, all pages of them, as a workbook."""
    round_ = round_or_404(request, pk)
    if not Role.objects.paths(request.user, Role.Kind.HR, Role.Kind.AUDITOR):
        raise actions.NotAllowed
    asked, now = board.Asked.read(request.GET), clock.now()
    found = board.listed(round_, asked, by=request.user, at=now).for_list()
    told = _told(request, round_, asked, at=now)
    title = _title(round_)
    rows = board_workbook.lines(found.iterator(chunk_size=deadlines.CHUNK), round_, at=now)
    body = board_workbook.write(rows, title=f"{title} · {round_.organisation.name}", told=told)
    name = f"{title} {thai.format_date(clock.today())}.xlsx".replace("/", "-")
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": disposition})


def _title(round_: Round) -> str:
    return _("%(number)s, fiscal year %(year)s") % {
        "number": round_.get_number_display(),
        "year": round_.fiscal_year,
    }


def _told(request: UserRequest, round_: Round, asked: board.Asked, *, at: datetime) -> str:
    place = Organisation.objects.filter(pk=int(asked.unit)).order_by().first() if asked.unit else None
    seen = place is not None and board.units_of(round_, request.user).filter(pk=place.pk).exists()
    # A unit that the reader does not follow is not named.
    return board_workbook.told_of(asked, unit=place.name if place is not None and seen else "", at=at)


# --- With results ----------------------------------------------------------------------------------------------------
@require_safe
def summary(request: UserRequest, pk: int) -> FileResponse:
    """Send what the board lists with scores and grades, a row each, as far as the reader may see them."""
    round_ = _round_with_results_or_404(request, pk)

    def write(file: IO[bytes], chunks: Iterable[Sequence[Figures]], *, title: str, told: str, at: datetime) -> None:
        summary_workbook.write(file, chunks, round_, title=title, told=told, at=at)

    return _sent(request, round_, _("Summary of results"), write)


@require_safe
def detail(request: UserRequest, pk: int) -> FileResponse:
    """Send the indicators of what the board lists, a row each, as far as the reader may see their results."""
    round_ = _round_with_results_or_404(request, pk)
    return _sent(request, round_, _("Results by indicator"), detail_workbook.write)


def _round_with_results_or_404(request: UserRequest, pk: int) -> Round:
    """Return the round, if the reader sees results in it: executives those of offices, never those of people."""
    round_ = round_or_404(request, pk)
    oversees = Role.objects.paths(request.user, Role.Kind.HR, Role.Kind.AUDITOR)
    if not oversees and round_.subject != Round.Subject.ORGANISATIONS:
        raise actions.NotAllowed
    return round_


def _sent(request: UserRequest, round_: Round, what: str, write: Callable[..., object]) -> FileResponse:
    """Write a workbook of what is asked for into a file on the disk, log whose results are in it, and send it."""
    asked, now = board.Asked.read(request.GET), clock.now()
    keys = list(board.listed(round_, asked, by=request.user, at=now).values_list("pk", flat=True))
    shown: list[tuple[int, Organisation]] = []
    title = f"{what} {_title(round_)}"
    # Closed, and so removed, when it has been sent.
    file = tempfile.TemporaryFile(prefix="kpi-")  # noqa: SIM115  it outlives this function
    try:
        write(
            file,
            _noting(round_figures.read(keys, by=request.user), shown, reader=request.user.pk),
            title=f"{title} · {round_.organisation.name}",
            told=_told(request, round_, asked, at=now),
            at=now,
        )
        if request.method == "GET":
            page = request.resolver_match.url_name if request.resolver_match else ""
            readings.log_list(shown, page=page or "", by=request.user, at=now)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    name = f"{title} {thai.format_date(clock.today())}.xlsx".replace("/", "-")
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _noting(
    chunks: Iterable[Sequence[Figures]], shown: list[tuple[int, Organisation]], *, reader: int
) -> Iterator[Sequence[Figures]]:
    """Pass `chunks` on and note in `shown` whose results are in them: of people other than the reader."""
    for chunk in chunks:
        for one in chunk:
            if one.shows_results and one.agreement.person_id not in {None, reader}:
                shown.append((one.agreement.pk, one.agreement.organisation))
        yield chunk
