"""Building a report form by fields: first shown, then laid down."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from agreements.actions import NotAllowed
from agreements.forms.report_form_building import BuildForm
from agreements.models import ReportForm
from agreements.services import report_form_words as words
from agreements.services.framework_files import edited_organisations
from agreements.views.report_forms import laid_down
from agreements.views.requests import UserRequest, is_key

# What a page sends besides what was typed.
_ACTS = ("csrfmiddlewaretoken", "more", "confirm")


@require_http_methods(["GET", "POST"])
def build(request: UserRequest) -> HttpResponse:
    """Build a new report form, or the next version of one, by fields.

    :raises NotAllowed: if the reader edits no office's frameworks.
    """
    organisations = edited_organisations(request.user)
    if not organisations:
        raise NotAllowed
    if request.method == "GET":
        begun = _begun(request)
        shown = {"begun": begun.definition, "owner": begun.organisation} if begun else {}
        return _shown(request, BuildForm(organisations=organisations, **shown))
    if "more" in request.POST:
        return _shown(request, BuildForm(_with_more(request.POST), organisations=organisations), adds=True)
    form = BuildForm(request.POST, organisations=organisations)
    preview: dict[str, Any] = {}
    if form.is_valid():
        if "confirm" in request.POST and laid_down(request, form):
            return redirect("agreements:report-forms")
        if not form.has_errors:
            preview = {
                "asks": words.of_form(form.document),
                "tables": words.of_tables(form.document),
                # What is laid down is what is shown, whatever is typed below meanwhile.
                "kept": [(name, one) for name, typed in request.POST.lists() if name not in _ACTS for one in typed],
            }
    return _shown(request, form, **preview)


def _shown(request: UserRequest, form: BuildForm, **more: Any) -> HttpResponse:
    return render(request, "agreements/report_form_build.html", {"form": form, **more})


def _begun(request: UserRequest) -> ReportForm | None:
    """Return the last version of the form that is to be changed."""
    key = request.GET.get("from", "")
    visible = ReportForm.objects.visible_to(request.user).select_related("organisation")
    found = visible.filter(pk=key).first() if is_key(key) else None
    return visible.filter(code=found.code).order_by("-version").first() if found else None


def _with_more(sent: QueryDict) -> QueryDict:
    """Return what was typed, with one more row where the button was pressed."""
    found = sent.copy()
    name = f"{sent['more']}-TOTAL_FORMS"
    number = sent.get(name, "")
    if is_key(number):
        found[name] = str(int(number) + 1)
    return found
