"""Splitting an agreement at a day, and what the parts of one add up to."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from agreements import actions, clock
from agreements.forms.splits import SplitForm
from agreements.models import Version
from agreements.services import agreements as agreement_services, splits as services, wholes
from agreements.services.content import BEFORE_ASSESSMENT
from agreements.views.requests import UserRequest, demand_who, posted, version_or_404


@require_http_methods(["GET", "POST"])
def split(request: UserRequest, pk: int) -> HttpResponse:
    """Split an agreement at a day, with a reason."""
    version = wholes.last_version(version_or_404(request, pk))
    demand_who(actions.SPLIT, version, request.user)
    form = SplitForm(posted(request), hr=request.user, part=version.part)
    if form.is_valid():
        try:
            begun = services.split(version, **form.terms(), by=request.user, at=clock.now())
        except (agreement_services.AgreementRefused, actions.NotNow) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(begun.part)
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "form": form,
        "is_open": actions.is_due(actions.SPLIT, version),
    }
    return render(request, "agreements/split.html", context)


def whole_context(version: Version, *, sees_assessment: bool) -> dict[str, Any]:
    """Return what a page shows of the whole: nothing where the agreement was never split."""
    if version.part.is_only:
        return {"whole": None}
    return {"whole": wholes.whole_of(version.part.agreement, assessed=sees_assessment)}


def other_sheets(version: Version) -> list[Version]:
    """Return the versions of the other parts that are assessed, to be looked through before the whole is signed."""
    if version.part.is_only:
        return []
    versions = wholes.versions_of(version.part.agreement)
    return [one for one in versions if one.pk != version.pk and one.part.state not in BEFORE_ASSESSMENT]
