"""The forms of an agreement on screen and as a PDF, and sign-in slips."""

from collections.abc import Collection, Sequence

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from agreements import clock
from agreements.models import Agreement, User, Version
from agreements.services import accounts, organisations, readings
from agreements.views.requests import UserRequest, is_key, log_reading
from reports import documents, frozen, pdf
from reports.form_sets import sets_of, versions_of
from reports.rows.slips import printed_slips


@require_safe
@cache_control(private=True, no_store=True)
def preview(request: UserRequest, pk: int) -> HttpResponse:
    """Show the forms as sheets of paper."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    choices = documents.forms_of(agreement)
    forms, digits = chosen_forms(request, choices), chosen_digits(request)
    versions = versions_of(agreement)
    _read(request, versions)
    sets = _form_sets(request, versions)
    context = {
        "agreement": agreement,
        "title": documents.title(sets),
        "sheets": documents.sheets(sets, forms=forms, digits=digits),
        "choices": [(key, label, key in forms) for key, label in choices.items()],
        "digits": digits,
        "pdf_a": chosen_pdf_a(request),
        "kept": request.GET.get("kept", ""),
        "query": request.GET.urlencode(),
    }
    return render(request, "reports/preview.html", context)


@require_safe
@cache_control(private=True, no_store=True)
def forms_pdf(request: UserRequest, pk: int) -> HttpResponse:
    """Send the forms as one PDF."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    choices = documents.forms_of(agreement)
    forms, digits = chosen_forms(request, choices), chosen_digits(request)
    versions = versions_of(agreement)
    _read(request, versions)
    pdf_a = chosen_pdf_a(request)
    if request.GET.get("to_sign") or request.GET.get("kept"):
        sets = _form_sets(request, versions)
        html = documents.document(sets, forms=forms, digits=digits)
        body = frozen.drawn(html, [one.content_hash for one in sets], pdf_a=pdf_a)
    else:
        choice = frozen.Choice(forms=tuple(forms), digits=digits, pdf_a=pdf_a, address=address_of(request))
        body = frozen.paper_of(agreement, choice, viewer=request.user, at=clock.now()).body
    name = content_disposition_header(as_attachment=False, filename=documents.file_name_of(versions[0]))
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": name or "inline"})


@require_POST
@cache_control(private=True, no_store=True)
def slips_pdf(request: UserRequest) -> HttpResponse:
    """Give the people chosen new one-time codes and send the slips; the codes stand nowhere else."""
    if not organisations.is_hr(request.user):
        raise Http404
    asked = {int(key) for key in request.POST.getlist("person")[: accounts.MOST_SLIPS] if is_key(key)}
    people = [person for person in User.objects.visible_to(request.user).in_thai_order() if person.pk in asked]
    if len(people) < len(asked):
        raise Http404
    try:
        slips = accounts.issue_codes(people, by=request.user, at=clock.now())
    except organisations.PeopleRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:choose-slips")
    address = request.build_absolute_uri(reverse("sign-in-code"))
    body = pdf.render(documents.slips_document(printed_slips(slips), address=address))
    name = content_disposition_header(as_attachment=True, filename="ใบลงชื่อเข้าใช้ระบบ.pdf")
    return HttpResponse(body, content_type="application/pdf", headers={"Content-Disposition": name or "attachment"})


def _read(request: UserRequest, versions: Sequence[Version]) -> None:
    """Keep that the reader opens `versions`."""
    for version in versions:
        readings.note(version, by=request.user, at=clock.now())
    log_reading(request, list(versions)[:1])


def _form_sets(request: UserRequest, versions: Sequence[Version]) -> documents.Papers:
    """Return the forms as the address asks for them: ?to_sign=1, ?kept=6-month, or as they stand."""
    return sets_of(
        versions,
        viewer=request.user,
        verify_url=lambda code: request.build_absolute_uri(reverse("agreements:verify", args=[code])),
        to_sign=bool(request.GET.get("to_sign")),
        kept=request.GET.get("kept", ""),
    )


def chosen_forms(request: UserRequest, known: Collection[str]) -> list[str]:
    """Return the forms asked for as ?forms=1,2 or ?forms=1&forms=2; all of them where none is named.

    :raises BadRequest: if one of them is no form.
    """
    asked = {one for value in request.GET.getlist("forms") for one in value.split(",") if one}
    if asked - set(known):
        raise BadRequest("forms")
    return [form for form in known if not asked or form in asked]


def chosen_digits(request: UserRequest, *, usual: documents.Digits = "arabic") -> documents.Digits:
    """Return the digits asked for as ?digits=thai, else those that the document is usually written in.

    :raises BadRequest: if they are neither Thai nor Arabic.
    """
    match request.GET.get("digits", usual):
        case "thai":
            return "thai"
        case "arabic":
            return "arabic"
    raise BadRequest("digits")


def address_of(request: UserRequest) -> str:
    """Return how the portal is reached, without a slash at the end: where the codes on the paper lead."""
    return request.build_absolute_uri("/").rstrip("/")


def chosen_pdf_a(request: UserRequest) -> bool:
    """Return whether PDF/A was asked for as ?pdf_a=1 or ?pdf_a=0, else what the portal is set to."""
    asked = request.GET.get("pdf_a", "")
    return asked == "1" if asked in {"0", "1"} else settings.PDF_A
