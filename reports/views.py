"""The forms of an agreement on screen and as a PDF, and sign-in slips."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from agreements import clock
from agreements.models import Agreement, KeptState, User, Version
from agreements.services import accounts, organisations, readings, wholes
from agreements.services.content import FormSource, form_source, source_to_sign
from agreements.services.seals import seal
from agreements.views.requests import UserRequest, is_key, log_reading
from reports import documents, pdf
from reports.rows.amendments import amendment_sheets
from reports.rows.dimensions import dimensions_of
from reports.rows.form_set import FormSet, form_set
from reports.rows.organisation import OrganisationSet, as_kept, organisation_set
from reports.rows.parts import part_line
from reports.rows.slips import printed_slips


@require_safe
@cache_control(private=True, no_store=True)
def preview(request: UserRequest, pk: int) -> HttpResponse:
    """Show the forms as sheets of paper."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    choices = _forms_of(agreement)
    forms, digits = _chosen_forms(request, choices), chosen_digits(request)
    sets = _form_sets(request, agreement)
    context = {
        "agreement": agreement,
        "title": documents.title(sets),
        "sheets": documents.sheets(sets, forms=forms, digits=digits),
        "choices": [(key, label, key in forms) for key, label in choices.items()],
        "digits": digits,
        "kept": request.GET.get("kept", ""),
        "query": request.GET.urlencode(),
    }
    return render(request, "reports/preview.html", context)


@require_safe
@cache_control(private=True, no_store=True)
def forms_pdf(request: UserRequest, pk: int) -> HttpResponse:
    """Send the forms as one PDF."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    choices = _forms_of(agreement)
    forms, digits = _chosen_forms(request, choices), chosen_digits(request)
    sets = _form_sets(request, agreement)
    body = seal(pdf.render(documents.document(sets, forms=forms, digits=digits)), [one.content_hash for one in sets])
    name = content_disposition_header(as_attachment=False, filename=documents.file_name(sets))
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


def _forms_of(agreement: Agreement) -> Mapping[str, str]:
    """Return the forms that an agreement of its kind has: a person's, or an organisation's."""
    return documents.ORGANISATION_FORMS if agreement.person_id is None else documents.FORMS


def _form_sets(request: UserRequest, agreement: Agreement) -> documents.Papers:
    """Return the forms of each part of the agreement, as the person asking may see them."""
    versions = (
        Version.objects.current()
        .filter(part__agreement=agreement)
        .select_related("part__agreement__round__organisation", "part__agreement__organisation")
        .prefetch_related("parties")
        .order_by("part__number", "pk")
    )
    # ?to_sign=1: what is to be signed on paper, also while only the assessor may know it.
    read = source_to_sign if request.GET.get("to_sign") else form_source
    for version in versions:
        readings.note(version, by=request.user, at=clock.now())
    log_reading(request, list(versions)[:1])
    if agreement.person_id is None:
        return [_organisation_set(request, version, read) for version in versions]
    sets = [_form_set(request, version, read) for version in versions]
    if len(sets) == 1:
        return sets
    # ปผ.1 is of the whole, ปผ.2 and ปผ.3 are a set for each part.
    source = wholes.form_source_of_whole(agreement, viewer=request.user)
    whole = form_set(source, verify_url=_verify_url(request))
    return [replace(one, form_1=None if at else whole.form_1) for at, one in enumerate(sets)]


def _form_set(request: UserRequest, version: Version, read: Callable[..., FormSource]) -> FormSet:
    found = form_set(
        read(version, viewer=request.user),
        verify_url=_verify_url(request),
        amendments=amendment_sheets(version),
    )
    return replace(found, part=part_line(version.part))


def _organisation_set(request: UserRequest, version: Version, read: Callable[..., FormSource]) -> OrganisationSet:
    source = read(version, viewer=request.user)
    if checkpoint := request.GET.get("kept"):
        # ?kept=6-month: as the self-assessment stood on the day on which it was kept.
        kept = get_object_or_404(KeptState.objects.filter(part=version.part_id), checkpoint=checkpoint)
        source = as_kept(source, json.loads(kept.content))
    found = organisation_set(
        source,
        office=version.part.agreement.organisation.name,
        dimensions=dimensions_of(version),
        verify_url=_verify_url(request),
        amendments=amendment_sheets(version),
    )
    return replace(found, part=part_line(version.part))


def _verify_url(request: UserRequest) -> Callable[[str], str]:
    return lambda code: request.build_absolute_uri(reverse("agreements:verify", args=[code]))


def _chosen_forms(request: UserRequest, known: Collection[str]) -> list[str]:
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
