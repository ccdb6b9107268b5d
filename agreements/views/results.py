"""Reporting results, and assessing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import actions, clock
from agreements.explain import explain_trace
from agreements.forms.evidence import EvidenceForm
from agreements.forms.results import CorrectionForm, FullScoreForm, ResultForm, SetScoreForm
from agreements.models import Duty, Item, Result, User, Version
from agreements.predicates import duties_in, is_assessee, may_enter
from agreements.services import bindings, deadlines, duties, evidence_lists, plans, results as services, signing
from agreements.views import notes
from agreements.views.agreements import score_sheet
from agreements.views.evidence import files_of
from agreements.views.item_links import links_of, neighbours
from agreements.views.requests import (
    UserRequest,
    attempt,
    back_to,
    demand_entry,
    demand_who,
    measured_item_or_404,
    version_or_404,
)
from agreements.views.result_typing import typing_of_assessment, typing_of_observed, typing_of_plan, typing_of_result
from agreements.views.typing import one_at_a_time, saves_by_itself
from scoring import IndicatorScore

PLAN_FIELDS = ("about_item", "about_competency", "need", "method", "period", "measure")


def panel(book: services.Book, item: Item, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a score with its trace in words, for the panel beside the inputs."""
    try:
        score = services.try_inputs(book, item, inputs)
    except services.ResultRefused as refusal:
        return {"refused": refusal.messages}
    return told(score)


def told(score: IndicatorScore) -> dict[str, Any]:
    """Return a score as displayed, with its trace in sentences."""
    return {
        "score": score.as_document(),
        "sentences": explain_trace([step.as_document() for step in score.steps]),
    }


def item_context(book: services.Book, item: Item, reader: User) -> dict[str, Any]:
    """Return what every page about one item shows of it."""
    agreement = book.version.part.agreement
    kept = book.result(item)
    return {
        "version": book.version,
        "agreement": agreement,
        "item": item,
        "document": book.document(item),
        "result": kept,
        "files": files_of(kept, reader),
        "holders": duties.holders_in(book.version).get(item.lineage),
        **links_of(book, item),
        "copied": bindings.sentences(kept),
        "later_revisions": bindings.later_revisions(kept),
        **neighbours(book, item, reader),
    }


# --- Reporting -------------------------------------------------------------------------------------------------------
@require_GET
def results(request: UserRequest, pk: int) -> HttpResponse:
    """Show all results of an agreement with their scores, and what is still missing before reporting."""
    version = version_or_404(request, pk)
    if not any(action.who(request.user, version) for action in (actions.ENTER, actions.CONFIRM)):
        raise actions.NotAllowed
    sheet = score_sheet(version, sees_assessment=False)
    own = _duties_of(request.user, version)
    for row in sheet["rows"]:
        lineage = row["item"].lineage
        row["opens"] = row["is_leaf"] and (own["all"] or lineage in own["collects"] | own["owns"])
        row["duty"] = [kind for kind in ("collects", "owns") if lineage in own[kind]]
    unreported = [row["item"] for row in sheet["rows"] if row["is_leaf"] and _is_blank(row)]
    return render(
        request,
        "agreements/results.html",
        {
            "version": version,
            "agreement": version.part.agreement,
            "sheet": sheet,
            "unreported": unreported,
            "unconfirmed": [row["item"] for row in sheet["rows"] if _awaits_owner(row, version)],
            "due": deadlines.day_of(version),
            "can_enter": actions.ENTER in actions.allowed(version, request.user),
            "can_report": actions.REPORT in actions.allowed(version, request.user),
            "is_of_organisation": version.part.agreement.is_of_organisation,
        },
    )


def _duties_of(user: User, version: Version) -> dict[str, Any]:
    """Return whether `user` enters everything, and which indicators they collect and own."""
    return {
        "all": is_assessee(user, version),
        "collects": duties_in(user, version, Duty.Kind.COLLECTOR),
        "owns": duties_in(user, version, Duty.Kind.OWNER),
    }


def _awaits_owner(row: Mapping[str, Any], version: Version) -> bool:
    """Return whether something is entered for a row of an organisation's agreement that nobody confirmed."""
    kept = row["result"]
    is_entered = row["is_leaf"] and kept is not None and bool(kept.inputs)
    return version.part.agreement.is_of_organisation and is_entered and kept.confirmed_at is None


def _is_blank(row: Mapping[str, Any]) -> bool:
    return bool(row["own"] and row["own"]["status"] == "not_reported")


@require_http_methods(["GET", "POST"])
@one_at_a_time
def result(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Show and keep what was achieved for one item; htmx saves while typing and swaps the score in."""
    version = version_or_404(request, pk)
    item = measured_item_or_404(version, lineage)
    own = may_enter(request.user, version, item.lineage)
    owned = item.lineage in duties_in(request.user, version, Duty.Kind.OWNER)
    if not own and not owned:
        raise actions.NotAllowed
    if request.method == "POST":
        demand_entry(version, item, request.user)
    book = services.open_book(version)
    kept = book.result(item)
    typing = typing_of_result(request, version, item, kept)
    form: Any = typing.forms[0]
    changed = typing.goes_over_unseen
    if changed and not request.htmx:
        return typing.conflict()
    saved = False
    if request.method == "POST" and not changed and form.is_valid():
        saved = _enter(request, version, item, form)
    if saved and not request.htmx:
        return _onward(request, book, item)
    # A fresh book: the panel shows what is kept now.
    book = services.open_book(version) if saved else book
    kept = book.result(item)
    inputs = form.inputs() if form.is_bound and form.is_valid() else (kept.inputs if kept else {})
    context = item_context(book, item, request.user) | {
        "form": form,
        "evidence_form": EvidenceForm(listed=evidence_lists.list_of(item)),
        "panel": panel(book, item, inputs),
        "saved": saved,
        # Nothing was taken: the page goes on having seen what it saw.
        "seen": typing.seen if saved else typing.shown,
        "saved_at": clock.now() if saved else None,
        "changed": changed,
        "errors": typing.errors(),
        "typing_said": request.htmx,
        "can_enter": own and actions.ENTER in actions.allowed(version, request.user),
        "can_confirm": owned and actions.CONFIRM in actions.allowed(version, request.user),
        "is_collected": version.part.agreement.is_of_organisation,
        "is_for_others": not own and actions.CONFIRM in actions.allowed(version, request.user),
        "offers": bindings.offers_for(version, item, at=clock.now()) if bindings.is_bound(item.definition) else None,
    }
    context["listed"] = evidence_lists.listed(item, kept, context["files"])
    if request.htmx:
        status = 200 if saved or request.method == "GET" else 422
        return render(request, "agreements/_score_panel.html", context, status=status)
    return render(request, "agreements/result.html", context)


def _enter(request: UserRequest, version: Version, item: Item, form: ResultForm) -> bool:
    try:
        services.enter(version, item, form.inputs(), note=form.cleaned_data["note"], by=request.user, at=clock.now())
    except services.ResultRefused as refusal:
        for message in refusal.messages:
            form.add_error(None, message)
        return False
    except actions.NotNow as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _onward(request: UserRequest, book: services.Book, item: Item) -> HttpResponse:
    agreement = book.version.part.agreement.pk
    messages.success(request, _("Result of indicator %(code)s is saved.") % {"code": item.code})
    following = neighbours(book, item, request.user)["following"]
    if "next" in request.POST and following:
        return redirect("agreements:result", pk=agreement, lineage=following.lineage)
    if "next" in request.POST:
        return redirect("agreements:results", pk=agreement)
    return redirect("agreements:result", pk=agreement, lineage=item.lineage)


@require_POST
def report(request: UserRequest, pk: int) -> HttpResponse:
    """Hand the results in to the assessor."""
    version = version_or_404(request, pk)
    done = attempt(
        request,
        lambda: services.report(version, by=request.user, at=clock.now()),
        said=_("The results are reported. The assessor has them now."),
    )
    return back_to(version) if done else redirect("agreements:results", pk=pk)


# --- Assessing -------------------------------------------------------------------------------------------------------
@require_GET
def assessment(request: UserRequest, pk: int) -> HttpResponse:
    """Show all results for the assessor, what is judged and what is left."""
    version = version_or_404(request, pk)
    demand_who(actions.EVALUATE, version, request.user)
    book = services.open_book(version)
    sheet = score_sheet(version, sees_assessment=True)
    due = plans.plan_due(book, services.scores_of(book, "assessor"))
    return render(
        request,
        "agreements/assessment.html",
        {
            "version": version,
            "agreement": version.part.agreement,
            "sheet": sheet,
            "unjudged": [row["item"] for row in sheet["rows"] if row["is_leaf"] and not _verdict(row)],
            "unobserved": sum(row.observed is None for row in sheet["competencies"]),
            "plan_missing": plans.plan_missing(book, due),
            "obstacles": signing.obstacles(version, actions.ASSESS, today=clock.today()),
            "due": deadlines.day_of(version),
            "can_evaluate": actions.EVALUATE in actions.allowed(version, request.user),
        },
    )


def _verdict(row: Mapping[str, Any]) -> str:
    return row["result"].verdict if row["result"] else str(Result.Verdict.NONE)


@require_http_methods(["GET", "POST"])
@saves_by_itself
def assess_item(request: UserRequest, pk: int, lineage: str) -> HttpResponse:
    """Show inputs, evidence and trace of one item side by side; accept, correct or set a score."""
    version = version_or_404(request, pk)
    demand_who(actions.EVALUATE, version, request.user)
    item = measured_item_or_404(version, lineage)
    book = services.open_book(version)
    kept = book.result(item)
    typing = typing_of_assessment(request, version, item, kept)
    _verdict_form, correction, score_form = typing.forms
    if typing.goes_over_unseen:
        return typing.conflict()
    chosen = str(typing.sent.get("verdict", "")) if typing.sent else ""
    if request.method == "POST" and _judge(request, version, item, correction, score_form, verdict=chosen):
        return _next_to_assess(request, book, item)
    context = item_context(book, item, request.user) | {
        "correction": correction,
        "score_form": score_form,
        "chosen": chosen or (kept.verdict if kept else ""),
        "panel": panel(book, item, kept.inputs if kept else {}),
        "is_collected": version.part.agreement.is_of_organisation,
        "assessed_panel": _assessed_panel(book, item),
        "seen": typing.seen,
        "beside": notes.about_item(version, item, request),
        "can_evaluate": actions.EVALUATE in actions.allowed(version, request.user),
    }
    context["listed"] = evidence_lists.listed(item, kept, context["files"])
    return render(request, "agreements/assess_item.html", context)


def _assessed_panel(book: services.Book, item: Item) -> dict[str, Any] | None:
    kept = book.result(item)
    if kept is None or (kept.verdict == Result.Verdict.NONE and not kept.judged):
        return None
    scores = services.scores_of(book, "assessor")
    return told(next(one for one in scores.flatten() if one.code == item.code))


def _judge(
    request: UserRequest,
    version: Version,
    item: Item,
    correction: CorrectionForm,
    score_form: SetScoreForm,
    *,
    verdict: str,
) -> bool:
    by, at = request.user, clock.now()
    try:
        if verdict == Result.Verdict.ACCEPTED:
            services.accept(version, item, by=by, at=at)
        elif verdict == Result.Verdict.CORRECTED and correction.is_valid():
            reason = correction.cleaned_data["reason"]
            services.correct(version, item, correction.inputs(), reason=reason, by=by, at=at)
        elif verdict == Result.Verdict.SET and score_form.is_valid():
            data = score_form.cleaned_data
            services.set_score(version, item, data["score"], reason=data["reason"], by=by, at=at)
        else:
            if not verdict:
                messages.error(request, _("Choose whether to accept, correct or set a score."))
            return False
    except services.ResultRefused as refusal:
        form = correction if verdict == Result.Verdict.CORRECTED else score_form
        for message in refusal.messages:
            form.add_error(None, message)
        return False
    except actions.NotNow as refusal:
        messages.error(request, str(refusal))
        return False
    return True


def _next_to_assess(request: UserRequest, book: services.Book, item: Item) -> HttpResponse:
    agreement = book.version.part.agreement.pk
    messages.success(request, _("Indicator %(code)s is assessed.") % {"code": item.code})
    following = neighbours(book, item, request.user)["following"]
    if request.POST.get("then") == "list" or following is None:
        return redirect("agreements:assessment", pk=agreement)
    return redirect("agreements:assess-item", pk=agreement, lineage=following.lineage)


@require_http_methods(["GET", "POST"])
@saves_by_itself
def observed(request: UserRequest, pk: int) -> HttpResponse:
    """Show and keep the competency levels that the assessor found."""
    version = version_or_404(request, pk)
    demand_who(actions.EVALUATE, version, request.user)
    rows = list(version.competencies.order_by("order"))
    typing = typing_of_observed(request, version, rows)
    form: Any = typing.forms[0]
    if typing.goes_over_unseen:
        return typing.conflict()
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            request,
            lambda: services.observe(version, form.observed(), by=request.user),
            said=_("The competency levels are saved."),
        )
    ):
        return redirect("agreements:plan" if "next" in request.POST else "agreements:assessment", pk=pk)
    return render(
        request,
        "agreements/observed.html",
        {
            "version": version,
            "agreement": version.part.agreement,
            "form": form,
            "seen": typing.seen,
            "rows": [{"row": row, "field": form[f"observed_{row.order}"]} for row in rows],
            "beside": notes.about_behaviour(version, request),
            "can_evaluate": actions.EVALUATE in actions.allowed(version, request.user),
        },
    )


@require_http_methods(["GET", "POST"])
@saves_by_itself
def plan(request: UserRequest, pk: int) -> HttpResponse:
    """Show and keep the development plan, with a row for each point the rules want one for."""
    version = version_or_404(request, pk)
    demand_who(actions.EVALUATE, version, request.user)
    book = services.open_book(version)
    scores = services.scores_of(book, "assessor")
    due = plans.plan_due(book, scores)
    full = scores.final is not None and scores.final == signing.WHOLE_WEIGHT
    typing = typing_of_plan(request, version, _plan_rows(book, due), is_full=full)
    formset = typing.forms[0]
    formset.extra = 1 if "more" in request.GET else 0
    full_form: Any = typing.forms[1] if full else None
    if typing.goes_over_unseen:
        return typing.conflict()
    filled = request.method == "POST" and formset.is_valid() and (not full or full_form.is_valid())
    if filled and _write_plan(request, version, formset, full_form):
        if "more" in request.POST:
            return redirect(reverse("agreements:plan", args=[pk]) + "?more=1")
        return redirect("agreements:assessment", pk=pk)
    for form in formset.forms:
        form.about = _about(form, due)
    return render(
        request,
        "agreements/plan.html",
        {
            "version": version,
            "agreement": version.part.agreement,
            "formset": formset,
            "due": due,
            "plan": version.plan_rows.order_by("order", "pk"),
            "full_form": full_form,
            "seen": typing.seen,
            "can_evaluate": actions.EVALUATE in actions.allowed(version, request.user),
        },
    )


def _plan_rows(book: services.Book, due: list[plans.PlanDue]) -> list[dict[str, Any]]:
    rows = [
        {name: getattr(row, name) for name in PLAN_FIELDS} for row in book.version.plan_rows.order_by("order", "pk")
    ]
    missing = plans.plan_missing(book, due)
    rows += [
        {"about_item": one.about_item, "about_competency": one.about_competency, "need": one.title} for one in missing
    ]
    return rows


def _about(form: Any, due: list[plans.PlanDue]) -> str:
    """Return what a row of the plan is due for, in words."""
    item, competency = str(form["about_item"].value() or ""), str(form["about_competency"].value() or "")
    for one in due:
        if (item and str(one.about_item) == item) or (competency and str(one.about_competency) == competency):
            return one.title
    return ""


def _write_plan(request: UserRequest, version: Version, formset: Any, full_form: FullScoreForm | None) -> bool:
    rows = [
        {name: form.cleaned_data[name] for name in PLAN_FIELDS}
        for form in formset.forms
        if form.cleaned_data and not form.cleaned_data.get("DELETE")
    ]

    def write() -> None:
        plans.write_plan(version, rows, by=request.user)
        if full_form:
            services.explain_full_score(version, full_form.cleaned_data["reason"], by=request.user)

    return attempt(request, write, said=_("The development plan is saved."))
