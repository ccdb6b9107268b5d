"""What is written of a round: the list of its board as a workbook."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements import actions, clock, thai
from agreements.models import Organisation, Role
from agreements.services import board, deadlines
from agreements.views.board import round_or_404
from agreements.views.requests import UserRequest
from reports import board_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def board_list(request: UserRequest, pk: int) -> HttpResponse:
    """Send the agreements that the board lists, all pages of them, as a workbook."""
    round_ = round_or_404(request, pk)
    if not Role.objects.paths(request.user, Role.Kind.HR, Role.Kind.AUDITOR):
        raise actions.NotAllowed
    asked, now = board.Asked.read(request.GET), clock.now()
    found = board.listed(round_, asked, by=request.user, at=now).for_list()
    place = Organisation.objects.filter(pk=int(asked.unit)).order_by().first() if asked.unit else None
    seen = place is not None and board.units_of(round_, request.user).filter(pk=place.pk).exists()
    # A unit that the reader does not follow is not named.
    told = board_workbook.told_of(asked, unit=place.name if place is not None and seen else "", at=now)
    title = _("%(number)s, fiscal year %(year)s") % {
        "number": round_.get_number_display(),
        "year": round_.fiscal_year,
    }
    rows = board_workbook.lines(found.iterator(chunk_size=deadlines.CHUNK), round_, at=now)
    body = board_workbook.write(rows, title=f"{title} · {round_.organisation.name}", told=told)
    name = f"{title} {thai.format_date(clock.today())}.xlsx".replace("/", "-")
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": disposition})
