"""The people of an office, for its HR: who they are, what positions they hold, what they may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from agreements import clock
from agreements.forms.organisations import NewPersonForm, PersonForm, PostingForm, RoleForm
from agreements.models import Organisation, Posting, Role, User
from agreements.services import accounts, organisations as services
from agreements.views.people_accounts import ways_to_sign_in
from agreements.views.requests import UserRequest, is_key, posted

ROWS_A_PAGE = 50
SHOWN = ("working", "without-password", "disabled", "all")
LEVELS = (
    *("ปฏิบัติงาน", "ชำนาญงาน", "อาวุโส", "ทักษะพิเศษ"),
    *("ปฏิบัติการ", "ชำนาญการ", "ชำนาญการพิเศษ", "เชี่ยวชาญ", "ทรงคุณวุฒิ"),
    *("อำนวยการต้น", "อำนวยการสูง", "บริหารต้น", "บริหารสูง"),
)


def hr_or_404(request: UserRequest) -> User:
    """Return the reader, who is HR somewhere; for everybody else there are no such pages."""
    if not services.is_hr(request.user):
        raise Http404
    return request.user


def person_or_404(request: UserRequest, pk: int) -> User:
    """Return the person that the reader looks after as HR."""
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


# --- The list --------------------------------------------------------------------------------------------------------
@require_safe
def people(request: UserRequest) -> HttpResponse:
    """List the people of the office with their positions, filtered by words, unit and whether they work here."""
    hr = hr_or_404(request)
    words, unit, shown = (request.GET.get(name, "").strip() for name in ("q", "unit", "shown"))
    units = list(Organisation.objects.managed_by(hr).order_by("path"))
    found = in_unit(_shown(User.objects.visible_to(hr), shown), unit, hr)
    held = Posting.objects.visible_to(hr).select_related("organisation", "assessor__user").order_by("is_acting", "pk")
    found = (
        found.matching(words)
        .in_thai_order()
        .prefetch_related(
            Prefetch("postings", held.not_over_on(clock.today()), to_attr="held"),
            Prefetch(
                "roles", Role.objects.visible_to(hr).select_related("organisation").order_by("pk"), to_attr="given"
            ),
        )
    )
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    asked = {"q": words, "unit": unit, "shown": shown if shown in SHOWN else SHOWN[0]}
    filtered = bool(words or unit or asked["shown"] != SHOWN[0])
    context = {"page": page, "people": page.object_list, "units": units, "filtered": filtered} | asked
    return render(request, "agreements/people.html", context)


def _shown(found: Any, shown: str) -> Any:
    match shown:
        case "all":
            return found
        case "disabled":
            return found.filter(is_active=False)
        case "without-password":
            return found.without_password().filter(is_active=True)
    return found.not_gone_by(clock.today())


def in_unit(found: Any, unit: str, hr: User) -> Any:
    """Return those of `found` who hold or held a position in `unit` or below; all, where no unit is named."""
    if not is_key(unit):
        return found
    place = Organisation.objects.managed_by(hr).filter(pk=int(unit)).first()
    if place is None:
        return found.none()
    within = Organisation.objects.within(place).order_by()
    return found.filter(pk__in=Posting.objects.filter(organisation__in=within).values("user"))


# --- A person --------------------------------------------------------------------------------------------------------
@require_GET
def person(request: UserRequest, pk: int) -> HttpResponse:
    """Show a person with positions, roles and account."""
    found = person_or_404(request, pk)
    return _person_page(request, found, RoleForm(hr=request.user))


def _person_page(request: UserRequest, found: User, role_form: RoleForm) -> HttpResponse:
    hr, today = request.user, clock.today()
    held = Posting.objects.visible_to(hr).filter(user=found)
    context = {
        "person": found,
        "postings": held.select_related("organisation", "assessor__user", "stands_for__user").order_by(
            "-starts_on", "is_acting", "pk"
        ),
        "roles": Role.objects.visible_to(hr).filter(user=found).select_related("organisation").order_by("pk"),
        "role_form": role_form,
        "today": today,
        "is_self": found.pk == hr.pk,
        "manages": services.manages(hr, found, day=today),
    }
    if context["manages"] and not context["is_self"]:
        context |= ways_to_sign_in(found)
    return render(request, "agreements/person.html", context)


@require_http_methods(["GET", "POST"])
def add_person(request: UserRequest) -> HttpResponse:
    """Add a person with a first position."""
    hr = hr_or_404(request)
    form = NewPersonForm(posted(request), hr=hr, today=clock.today())
    if form.is_valid():
        try:
            added = services.add_person(form.person(), form.posting(), by=hr, at=clock.now())
        except services.PeopleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s was added.") % {"name": added.full_name})
            return redirect(added)
    return render(request, "agreements/person_add.html", {"form": form, "levels": LEVELS})


@require_http_methods(["GET", "POST"])
def edit_person(request: UserRequest, pk: int) -> HttpResponse:
    """Mend the name, user name or e-mail of a person."""
    found = person_or_404(request, pk)
    services.demand_managed(request.user, found, at=clock.now())
    form = PersonForm(posted(request), initial=_typed(services.person_facts(found)))
    if form.is_valid():
        try:
            services.change_person(found, form.person(), by=request.user, at=clock.now())
        except services.PeopleRefused as refusal:
            form.add_error("username", str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(found)
    return render(request, "agreements/person_edit.html", {"form": form, "person": found})


def _typed(facts: services.PersonFacts | services.PostingFacts) -> dict[str, Any]:
    """Return facts as the forms show them at first."""
    typed = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
    return typed | {"name_prefix": typed.get("prefix")}


# --- Positions -------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def add_posting(request: UserRequest, pk: int) -> HttpResponse:
    """Give a person a further position."""
    found = person_or_404(request, pk)
    services.demand_managed(request.user, found, at=clock.now())
    form = PostingForm(posted(request), hr=request.user, today=clock.today())
    return _posting_page(
        request, found, form, None, lambda facts: services.add_posting(found, facts, by=request.user, at=clock.now())
    )


@require_http_methods(["GET", "POST"])
def edit_posting(request: UserRequest, pk: int, posting: int) -> HttpResponse:
    """Mend a position."""
    found = person_or_404(request, pk)
    held = get_object_or_404(
        Posting.objects.visible_to(request.user).select_related("assessor"), user=found, pk=posting
    )
    form = PostingForm(
        posted(request),
        hr=request.user,
        today=clock.today(),
        posting=held,
        initial=_typed(services.posting_facts(held)),
    )
    return _posting_page(
        request, found, form, held, lambda facts: services.change_posting(held, facts, by=request.user, at=clock.now())
    )


def _posting_page(
    request: UserRequest,
    found: User,
    form: PostingForm,
    held: Posting | None,
    save: Callable[[services.PostingFacts], object],
) -> HttpResponse:
    if form.is_valid():
        try:
            save(form.posting())
        except services.PeopleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(found)
    return render(
        request, "agreements/posting.html", {"form": form, "person": found, "posting": held, "levels": LEVELS}
    )


# --- Roles and the account -------------------------------------------------------------------------------------------
@require_POST
def give_role(request: UserRequest, pk: int) -> HttpResponse:
    """Give a person a role."""
    found = person_or_404(request, pk)
    form = RoleForm(request.POST, hr=request.user)
    if not form.is_valid():
        return _person_page(request, found, form)
    kind, place = form.cleaned_data["kind"], form.cleaned_data["organisation"]
    said = _("The role was given.")
    return _done(
        request, found, lambda: services.give_role(found, kind, place, by=request.user, at=clock.now()), said=said
    )


@require_POST
def take_role(request: UserRequest, pk: int, role: int) -> HttpResponse:
    """Take a role away."""
    found = person_or_404(request, pk)
    given = get_object_or_404(Role.objects.visible_to(request.user).select_related("organisation"), user=found, pk=role)
    said = _("The role was taken away.")
    return _done(request, found, lambda: services.take_role(given, by=request.user, at=clock.now()), said=said)


@require_POST
def disable(request: UserRequest, pk: int) -> HttpResponse:
    """Let a person sign in no longer."""
    found = person_or_404(request, pk)
    said = _("%(name)s can no longer sign in.") % {"name": found.full_name}
    return _done(request, found, lambda: accounts.disable(found, by=request.user, at=clock.now()), said=said)


@require_POST
def enable(request: UserRequest, pk: int) -> HttpResponse:
    """Let a person sign in again."""
    found = person_or_404(request, pk)
    said = _("%(name)s may sign in again. Now print a sign-in slip.") % {"name": found.full_name}
    return _done(request, found, lambda: accounts.enable(found, by=request.user, at=clock.now()), said=said)


def _done(request: UserRequest, found: User, act: Callable[[], object], *, said: str) -> HttpResponse:
    try:
        act()
    except services.PeopleRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(found)


# --- Slips -----------------------------------------------------------------------------------------------------------
@require_GET
def choose_slips(request: UserRequest) -> HttpResponse:
    """List those who have no password yet, to print their sign-in slips."""
    hr = hr_or_404(request)
    unit = request.GET.get("unit", "").strip()
    today = clock.today()
    found = User.objects.visible_to(hr).without_password().filter(is_active=True).exclude(pk=hr.pk)
    found = in_unit(found, unit, hr).not_gone_by(today).select_related("one_time_code").in_thai_order()
    held = Posting.objects.visible_to(hr).not_over_on(today).select_related("organisation").order_by("is_acting", "pk")
    context = {
        "people": found.prefetch_related(Prefetch("postings", held, to_attr="held"))[: accounts.MOST_SLIPS],
        "units": Organisation.objects.managed_by(hr).order_by("path"),
        "unit": unit,
        "now": clock.now(),
        "days": accounts.LIFETIME.days,
    }
    return render(request, "agreements/slips.html", context)
