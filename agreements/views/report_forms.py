"""Report forms: which there are, what one asks for, and writing one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agreements import clock
from agreements.actions import NotAllowed
from agreements.exchange.writing import to_yaml
from agreements.forms.report_form_building import BuildForm
from agreements.forms.report_forms import ReportFormForm
from agreements.models import ReportForm
from agreements.services import report_form_words as words, report_forms as services
from agreements.services.framework_files import edited_organisations
from agreements.views.requests import UserRequest, is_key, posted


@require_GET
def report_form_list(request: UserRequest) -> HttpResponse:
    """List the report forms of the reader's offices, each in its last version."""
    found = ReportForm.objects.visible_to(request.user).current().select_related("organisation")
    context = {
        "report_forms": [(one, words.of_form(one.definition)) for one in found.order_by("title", "pk")],
        "edits": bool(edited_organisations(request.user)),
    }
    return render(request, "agreements/report_forms.html", context)


@require_GET
def report_form(request: UserRequest, pk: int) -> HttpResponse:
    """Show what a report form asks for."""
    found = get_object_or_404(ReportForm.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    versions = ReportForm.objects.visible_to(request.user).filter(code=found.code).order_by("-version")
    context = {
        "report_form": found,
        "asks": words.of_form(found.definition),
        "tables": words.of_tables(found.definition),
        "versions": versions,
        "edits": found.organisation in edited_organisations(request.user) and versions[0] == found,
    }
    return render(request, "agreements/report_form.html", context)


@require_http_methods(["GET", "POST"])
def write(request: UserRequest) -> HttpResponse:
    """Write a new report form, or the next version of one: first shown, then laid down.

    :raises NotAllowed: if the reader edits no office's frameworks.
    """
    organisations = edited_organisations(request.user)
    if not organisations:
        raise NotAllowed
    form = ReportFormForm(
        posted(request), request.FILES or None, organisations=organisations, initial={"text": _begun(request)}
    )
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        if "confirm" in request.POST and laid_down(request, form):
            return redirect("agreements:report-forms")
        context |= {
            "asks": words.of_form(form.document),
            "tables": words.of_tables(form.document),
            "text": to_yaml(services.in_order(services.as_kept(form.document))),
            "organisation": form.cleaned_data["organisation"],
        }
    return render(request, "agreements/report_form_write.html", context)


def laid_down(request: UserRequest, form: ReportFormForm | BuildForm) -> bool:
    """Lay down the form that was checked, and say so; what is refused is said in the form."""
    try:
        made, is_new = services.lay_down(
            form.document, organisation=form.cleaned_data["organisation"], by=request.user, at=clock.now()
        )
    except services.ReportFormRefused as refusal:
        form.refuse(refusal.faults)
        return False
    said = _("%(form)s is laid down. Reports that are begun from now on are entered by it.")
    messages.success(request, (said if is_new else _("%(form)s says the same already.")) % {"form": made})
    return True


def _begun(request: UserRequest) -> str:
    """Return the text of the form that is to be changed."""
    key = request.GET.get("from", "")
    found = ReportForm.objects.visible_to(request.user).filter(pk=key).first() if is_key(key) else None
    return to_yaml(services.in_order(found.definition)) if found else ""
