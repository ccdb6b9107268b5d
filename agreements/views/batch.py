"""Signing everything that waits for one act in a round on one page."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements import actions, clock
from agreements.forms.signing import keep_shown, opinion_form, shown_before
from agreements.models import Round, Signature, Version
from agreements.services import batch, content as contents
from agreements.services.content_words import Change, content_changes
from agreements.views.requests import UserRequest, log_reading, posted

# As many are shown at once: the form carries what each one said, and a request must not outgrow what a server takes.
MOST_ROWS = 60
# A ticked row says which version was looked at, and what it said.
TICK = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@require_http_methods(["GET", "POST"])
def sign_many(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Show what waits for one signature of the reader in a round; POST signs the rows that were looked at."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("organisation"), pk=pk)
    action = next(one for one in actions.SIGNATURES if one.code == code)
    versions = batch.waiting_versions(round_, action, by=request.user)
    outcomes, unsigned = _sign(request, action, versions) if request.method == "POST" else ([], {})
    if outcomes:
        versions = batch.waiting_versions(round_, action, by=request.user)
    rows = batch.rows_of(versions[:MOST_ROWS], action, today=clock.today())
    if action.stage == "result":
        log_reading(request, [row.version for row in rows], as_list=True)
    shown = [
        {
            "row": row,
            "kept": keep_shown(row.content, to=request.user),
            "form": unsigned.get(row.version.pk) or _form(action, row.version),
        }
        for row in rows
    ]
    return render(
        request,
        "agreements/sign_many.html",
        {
            "round": round_,
            "action": action,
            "rows": shown,
            "count": len(versions),
            "is_cut": len(versions) > len(rows),
            "ready": sum(row.is_ready for row in rows),
            "is_result": action.stage == "result",
            "signed": [one for one in outcomes if one.signature],
            "refused": [{"outcome": one, "changes": _changes(request, one, rows)} for one in outcomes if one.refused],
            "nothing_ticked": request.method == "POST" and not outcomes and not unsigned,
        },
    )


def _form(action: actions.Action, version: Version, data: Any = None) -> Any:
    return opinion_form(action, data, prefix=f"row-{version.pk}", initial={"decision": Signature.Decision.AGREES})


def _sign(
    request: UserRequest, action: actions.Action, versions: list[Version]
) -> tuple[list[batch.Outcome], dict[int, Any]]:
    """Sign what was ticked; return what came of each, and the forms that were not filled in."""
    waiting = {version.pk: version for version in versions}
    chosen, missing, unfilled = [], {}, {}
    for tick in request.POST.getlist("sign"):
        found = TICK.fullmatch(tick)
        if found is None:
            continue
        version = waiting.get(int(found[1]))
        if version is None:
            missing[int(found[1])] = found[2]
            continue
        form = _form(action, version, posted(request))
        if form is not None and not form.is_valid():
            unfilled[version.pk] = form
            continue
        answer = form.cleaned_data if form is not None else {}
        chosen.append(batch.Chosen(version=version, shown=found[2], **answer))
    outcomes = batch.sign_each(chosen, action, by=request.user, at=clock.now())
    outcomes += [
        batch.Outcome(version=waiting[pk], shown="", refused=(_("Say in words how you differ."),)) for pk in unfilled
    ]
    return outcomes + _gone(request, missing, versions), unfilled


def _gone(request: UserRequest, missing: dict[int, str], waiting: list[Version]) -> list[batch.Outcome]:
    """Return the refusals of rows that no longer wait as they were shown; what one may not see is not told of."""
    seen = Version.objects.visible_to(request.user).filter(pk__in=missing)
    renewed = {version.part_id: version for version in waiting}
    gone = _("It no longer waits for your signature: it was signed, returned or changed since you opened the page.")
    changed = _("It has changed since you opened it. Look at it again, then sign.")
    return [
        # Returned and sent anew, it waits as another version: what was looked at is compared with that one.
        batch.Outcome(
            version=renewed.get(version.part_id, version),
            looked_at=version.pk,
            shown=missing[version.pk],
            refused=(changed if version.part_id in renewed else gone,),
        )
        for version in seen.select_related("part__agreement__person", "part__agreement__organisation").order_by("pk")
    ]


def _changes(request: UserRequest, outcome: batch.Outcome, rows: list[batch.Row]) -> list[Change]:
    """Return what a refused row says otherwise than what was shown."""
    row = next((one for one in rows if one.version.pk == outcome.version.pk), None)
    field = f"kept-{outcome.looked_at or outcome.version.pk}"
    before = shown_before(request.POST.get(field, ""), by=request.user)
    if row is None or before is None or contents.hash_of(before) != outcome.shown:
        return []
    return content_changes(before, row.content)
