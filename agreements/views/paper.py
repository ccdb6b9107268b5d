"""Recording signatures that were given on paper, and their scans."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agreements import actions, clock
from agreements.forms.signing import paper_form
from agreements.models import Signature, Stage
from agreements.services import content as contents, paper, signing
from agreements.views.requests import UserRequest, back_to, log_reading, version_or_404


@require_http_methods(["GET", "POST"])
def record_paper(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Record the signature of a party from the paper that it stands on."""
    version = version_or_404(request, pk)
    paper.demand_recorder(version, by=request.user)
    action = next(one for one in actions.SIGNATURES if one.code == code)
    party = next((one for found, one in paper.recordable(version, by=request.user) if found == action), None)
    if party is None:
        messages.info(request, _("This signature is not awaited now, or it is your own."))
        return back_to(version)
    form = paper_form(action, *((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        try:
            paper.record_paper_signature(
                version, action, paper.OnPaper(**form.cleaned_data), by=request.user, at=clock.now()
            )
        except (paper.PaperRefused, signing.SignOffRefused, actions.NotNow) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The signature of %(name)s on paper is recorded.") % {"name": party.name})
            return back_to(version)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "action": action,
        "party": party,
        "form": form,
        "obstacles": signing.obstacles(version, action, today=clock.today()),
    }
    return render(request, "agreements/record_paper.html", context)


@require_GET
def scan(request: UserRequest, pk: int) -> FileResponse:
    """Send the scan of a signature on paper as an attachment; no browser may run it under our address."""
    found = Signature.objects.visible_to(request.user).select_related("scan", "version__part__agreement")
    signature = get_object_or_404(found, pk=pk)
    if signature.scan is None:
        raise Http404
    # The paper shows the scores, which the assessee learns once they are released.
    if signature.stage == Stage.RESULT and not contents.sees_assessment(signature.version, request.user):
        raise Http404
    if signature.stage == Stage.RESULT:
        log_reading(request, [signature.version])
    response = FileResponse(
        signature.scan.file.open("rb"),
        as_attachment=True,
        filename=signature.scan_name,
        content_type=signature.scan.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
