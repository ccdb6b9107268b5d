"""The check page before a signature, and the signature itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from agreements import actions, clock
from agreements.forms.signing import keep_shown, opinion_form, shown_before
from agreements.models import Refusal, Signature, Stage, Version
from agreements.services import acting, amendments, content as contents, deadlines, signing
from agreements.services.content_words import Change, content_changes, content_words
from agreements.views import splits
from agreements.views.agreements import ordered_parties, score_sheet
from agreements.views.requests import UserRequest, back_to, demand_who, of_the_whole, posted, version_or_404

SIGNED_WORDS = {
    "propose": gettext_lazy("You have signed. The assessor has the agreement now."),
    "agree": gettext_lazy("Agreed. The round begins for this agreement."),
    "assess": gettext_lazy("The assessment is signed."),
    "acknowledge": gettext_lazy("You have signed that you know the result."),
    "review": gettext_lazy("Your review is signed."),
    "review-2": gettext_lazy("Your review is signed."),
    "comment-agreement": gettext_lazy("Your comment is signed."),
    "comment-result": gettext_lazy("Your comment is signed."),
    **{one.code: gettext_lazy("You have signed as witness of the agreement.") for one in actions.WITNESSES_START},
    "witness": gettext_lazy("You have signed as witness."),
}


@require_http_methods(["GET", "POST"])
def check(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Show everything that is being signed; POST signs exactly what was shown."""
    version = version_or_404(request, pk)
    action = next((one for one in actions.SIGNATURES if one.code == code), None)
    if action is None:
        raise Http404
    if action.is_of_the_whole and not version.part.is_last:
        return redirect("agreements:check", pk=of_the_whole(version), code=code)
    demand_who(action, version, request.user)
    form = opinion_form(action, posted(request))
    if request.method == "POST" and (form is None or form.is_valid()):
        if _sign(request, version, action, form.cleaned_data if form else {}):
            return back_to(version)
        version = version_or_404(request, pk)
    if action not in actions.allowed(version, request.user):
        messages.info(request, _("There is nothing for you to sign here now."))
        return back_to(version)
    content = signing.content_to_sign(version, action)
    changes = _changes(request, content)
    return render(
        request,
        "agreements/check.html",
        {
            "version": version,
            "agreement": version.part.agreement,
            "action": action,
            "form": form,
            "stood_in": acting.place_stood_in(request.user, version),
            "obstacles": [
                *deadlines.refusals(version, action, at=clock.now()),
                *signing.obstacles(version, action, today=clock.today()),
            ],
            "shown": contents.hash_of(content),
            "kept": keep_shown(content, to=request.user),
            "changes": changes,
            "told": content_words(content),
            "parties": ordered_parties(version),
            "is_result": action.stage == Stage.RESULT,
            "is_assessed": action.stage == Stage.RESULT and action != actions.COMMENT_RESULT,
            "refusal": Refusal.objects.filter(version=version).first() if action == actions.WITNESS else None,
            "sheet": score_sheet(
                version, sees_assessment=action.stage == Stage.RESULT and action != actions.COMMENT_RESULT
            ),
            "amendments": amendments.amendments_of(version) if action.stage == Stage.AGREE else [],
            **_whole(version, action),
            "signatures": contents.signature_lines(version, [action.stage] if action.stage else []),
        },
        # What was about to be signed is not what is there now.
        status=409 if changes else 200,
    )


def _changes(request: UserRequest, content: dict[str, Any]) -> list[Change]:
    """Return what `content` says otherwise than what the posted form had shown."""
    if request.method != "POST":
        return []
    before = shown_before(request.POST.get("kept", ""), by=request.user)
    if before is None or contents.hash_of(before) != request.POST.get("shown"):
        return []
    return content_changes(before, content)


def _whole(version: Version, action: actions.Action) -> dict[str, Any]:
    """Return what is signed of the other parts, where the whole of an agreement that was split is signed."""
    if not action.is_of_the_whole:
        return {}
    others = [(one, score_sheet(one, sees_assessment=True)) for one in splits.other_sheets(version)]
    return {"other_parts": others, "sees_assessment": True} | splits.whole_context(version, sees_assessment=True)


def _sign(request: UserRequest, version: Version, action: actions.Action, answer: dict[str, Any]) -> bool:
    try:
        signing.sign_off(
            version,
            action,
            by=request.user,
            shown=request.POST.get("shown", ""),
            at=clock.now(),
            decision=answer.get("decision", Signature.Decision.SIGNED),
            comment=answer.get("comment", ""),
        )
    except signing.SignOffRefused as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)
        return False
    except actions.NotNow as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, str(SIGNED_WORDS.get(action.code, _("Signed."))))
    return True
