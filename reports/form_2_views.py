"""ปผ.2 of an agreement as a workbook that reckons, beside its PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from agreements import clock
from agreements.models import Agreement, Version
from agreements.services import readings
from agreements.services.content import form_source
from agreements.services.wholes import versions_of
from agreements.views.requests import UserRequest, log_reading
from reports import form_2_workbook
from reports.form_2_workbook import FormSource
from reports.rows.form_2_figures import exact_scores
from reports.rows.form_set import FormSet, form_set
from reports.rows.parts import part_line
from reports.sheets import XLSX


@require_safe
def form_2_xlsx(request: UserRequest, pk: int) -> HttpResponse:
    """Send ปผ.2 of a person's agreement as a workbook, as far as the person asking may see it."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    if agreement.is_of_organisation:
        # An office has other forms.
        raise Http404
    versions = versions_of(agreement)
    for version in versions:
        readings.note(version, by=request.user, at=clock.now())
    log_reading(request, versions[:1])
    sources = [_source(request, version) for version in versions]
    title = _title(sources[0].set)
    name = content_disposition_header(as_attachment=True, filename=f"{title}.xlsx".replace("/", "-"))
    body = form_2_workbook.form_2_xlsx(sources, title=title)
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": name or "attachment"})


def _source(request: UserRequest, version: Version) -> FormSource:
    source = form_source(version, viewer=request.user)
    found = form_set(
        source, verify_url=lambda code: request.build_absolute_uri(reverse("agreements:verify", args=[code]))
    )
    exactly = exact_scores(version, source.content)
    return FormSource(set=found, content=source.content, exact=exactly, part=part_line(version.part))


def _title(found: FormSet) -> str:
    return " ".join(filter(None, ["ปผ.2", found.round_name, found.assessee]))
