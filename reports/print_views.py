"""Printing the forms of many agreements of a round, and blank forms to write on."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from agreements import actions, clock, tasks
from agreements.models import Role, Round
from agreements.services import board, jobs
from agreements.views.board import back_to_board, round_or_404
from agreements.views.requests import UserRequest, is_key
from reports import documents, pdf, printing
from reports.print_form import PrintForm
from reports.rows.blank import blank_sets
from reports.views import address_of, chosen_digits, chosen_forms, chosen_pdf_a

NAMED = 20


@require_http_methods(["GET", "POST"])
def print_forms(request: UserRequest, pk: int) -> HttpResponse:
    """Ask which forms of the agreements that the board lists, or that are ticked on it, are printed; POST begins it."""
    round_ = round_or_404(request, pk)
    if not Role.objects.paths(request.user, Role.Kind.HR, Role.Kind.AUDITOR):
        raise actions.NotAllowed
    keys = _chosen(request, round_)
    known = documents.forms_of_round(round_)
    begins = "begin" in request.POST
    form = PrintForm(request.POST if begins else None, known=known)
    if begins and form.is_valid():
        try:
            job, is_new = printing.begin(
                round_,
                keys,
                form.order(address=address_of(request)),
                by=request.user,
                at=clock.now(),
                now=timezone.now(),
            )
        except jobs.JobRefused as refusal:
            return back_to_board(request, round_, str(refusal))
        if is_new:
            tasks.hand_over(job)
        return redirect(job)
    context = {
        "round": round_,
        "form": form,
        "count": len(keys),
        "named": printing.names_of(keys[:NAMED]),
        "more": max(len(keys) - NAMED, 0),
        "is_ticked": _is_ticked(request),
        "keys": keys if _is_ticked(request) else [],
        "asked": _asked(request),
    }
    return render(request, "reports/print_forms.html", context)


def _is_ticked(request: UserRequest) -> bool:
    """Return whether single agreements were ticked, rather than all that the list shows."""
    return request.method == "POST" and not request.POST.get("all")


def _asked(request: UserRequest) -> board.Asked:
    """Return which agreements the list shows: in the address, or as the form brings it along."""
    return board.Asked.read(QueryDict(request.POST.get("board", "")) if request.method == "POST" else request.GET)


def _chosen(request: UserRequest, round_: Round) -> list[int]:
    """Return the agreements to be printed, in the order of the board."""
    found = board.listed(round_, _asked(request), by=request.user, at=clock.now())
    if _is_ticked(request):
        found = found.filter(pk__in=[int(key) for key in request.POST.getlist("agreement") if is_key(key)])
    return list(found.values_list("pk", flat=True))


@require_safe
@cache_control(private=True, no_store=True)
def blank_pdf(request: UserRequest, pk: int) -> HttpResponse:
    """Send the forms of a round with nothing on them but the round."""
    round_ = get_object_or_404(
        Round.objects.visible_to(request.user).select_related("organisation", "competency_set"), pk=pk
    )
    forms, digits = chosen_forms(request, documents.forms_of_round(round_)), chosen_digits(request)
    paper = blank_sets(round_)
    html = documents.document(paper, forms=forms, digits=digits)
    body = pdf.render(html, variant=pdf.PDF_A if chosen_pdf_a(request) else None)
    name = content_disposition_header(as_attachment=False, filename=documents.file_name(paper))
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": name or "inline"})
