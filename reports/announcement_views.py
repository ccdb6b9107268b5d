"""The announcement of names as a PDF, of a round or of one of its units."""

from itertools import groupby

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from agreements import clock
from agreements.models import Organisation, Round
from agreements.services import heads, screening
from agreements.views.requests import UserRequest
from agreements.views.screening import chosen_unit, round_or_404
from reports import pdf
from reports.documents import Digits
from reports.rows.announcement import AnnouncementPaper, Named
from reports.rows.words import with_thai_digits
from reports.views import chosen_digits


@require_safe
@cache_control(private=True, no_store=True)
def announcement_pdf(request: UserRequest, pk: int) -> HttpResponse:
    """Send the announcement of those whose released results are at the highest grades; none where there is nobody."""
    round_ = round_or_404(request, pk)
    paper = _paper(request, round_, chosen_unit(request))
    if not paper.count:
        raise Http404
    body = pdf.render(announcement_document(paper, digits=chosen_digits(request, usual="thai")))
    name = content_disposition_header(as_attachment=False, filename=f"{paper.title}.pdf".replace("/", "-"))
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": name or "inline"})


def announcement_document(paper: AnnouncementPaper, *, digits: Digits = "thai") -> str:
    """Return the whole HTML document of the announcement, ready to be set as a PDF."""
    html = render_to_string("reports/_announcement.html", {"paper": paper})
    # Every figure on a finished sheet is text by now.
    sheets: SafeString = mark_safe(with_thai_digits(html)) if digits == "thai" else html  # noqa: S308 -- escaped when rendered
    return render_to_string("reports/forms_paper.html", {"title": paper.title, "sheets": sheets, "digits": digits})


def _paper(request: UserRequest, round_: Round, unit: str) -> AnnouncementPaper:
    place = _office(request, round_)
    head = heads.head_of(place, day=clock.today())
    found = screening.announced(round_, by=request.user, unit=unit)
    groups = [(grade, list(names)) for grade, names in groupby(found, key=lambda one: one.grade)]
    of_unit = screening.units_of(round_, request.user).filter(pk=int(unit)).first() if unit else None
    return AnnouncementPaper(
        office=place.name,
        fiscal_year=round_.fiscal_year,
        number=round_.number,
        starts_on=round_.starts_on,
        ends_on=round_.ends_on,
        groups=[
            (grade, [Named(name=one.name, title=one.title, unit=one.unit) for one in names]) for grade, names in groups
        ],
        unit=of_unit.name if of_unit and of_unit.pk != place.pk else "",
        signatory=head.user.full_name if head else "",
        signatory_title=head.printed_title if head else "",
    )


def _office(request: UserRequest, round_: Round) -> Organisation:
    """Return which office announces: the round's own, or the part of it that the reader looks after."""
    paths = screening.reach_of(round_, request.user)
    if any(round_.organisation.path.startswith(path) for path in paths):
        return round_.organisation
    return Organisation.objects.filter(path__in=paths).order_by("path")[0]
