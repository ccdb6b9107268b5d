"""What the views of all nouns share: the request's type, and how an agreement is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.safestring import SafeString

from agreements import actions, clock
from agreements.models import Agreement, Item, User, Version
from agreements.models.agreements import AgreementKey
from agreements.services import readings
from agreements.services.deadlines import DeadlinePassed
from agreements.services.evidence import EvidenceRefused
from agreements.services.extensions import DeadlineRefused
from agreements.services.notes import NoteRefused
from agreements.services.notices import ReminderRefused
from agreements.services.results import ResultRefused
from agreements.services.signing import SignOffRefused
from agreements.services.states import AgreementRefused
from agreements.services.submissions import SubmissionRefused


class UserRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
    htmx: Any


REFUSALS = (
    actions.NotNow,
    AgreementRefused,
    DeadlinePassed,
    DeadlineRefused,
    EvidenceRefused,
    NoteRefused,
    ReminderRefused,
    ResultRefused,
    SignOffRefused,
    SubmissionRefused,
)


def is_key(typed: str) -> bool:
    """Return whether `typed` can be the key of a row: digits, and not more than any database holds."""
    return typed.isdecimal() and len(typed) <= 18


def posted(request: UserRequest) -> QueryDict | None:
    """Return what was posted, to bind a form with; an empty POST is one, too."""
    return request.POST if request.method == "POST" else None


def version_or_404(request: UserRequest, pk: int) -> Version:
    """Return the current version of the agreement `pk` that the reader may see, with what every page needs of it.

    Of an agreement that was split it is that of the part that the address names, else of the one that concerns the
    reader most; the links of the page stay with it. That it was opened is kept: what somebody has opened can no longer
    be withdrawn.
    """
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    versions = list(
        Version.objects.current()
        .filter(part__agreement=agreement)
        .select_related(
            "part__agreement__round__organisation",
            "part__agreement__organisation",
            "part__agreement__person",
            "part__posting__organisation",
        )
        .prefetch_related(Prefetch("parties"), "signatures")
        .order_by("part__number")
    )
    named = getattr(pk, "part", None)
    version = _part_named(versions, named) if named else _part_that_concerns(versions, request.user)
    readings.note(version, by=request.user, at=clock.now())
    log_reading(request, [version])
    if not version.part.is_only:
        version.part.agreement.pk = AgreementKey(pk, version.part.number)
    return version


def log_reading(request: UserRequest, versions: Sequence[Version], *, as_list: bool = False) -> None:
    """Log that the reader is shown results of others; sending a form is an act that is logged by itself."""
    if request.method in {"GET", "HEAD"}:
        page = request.resolver_match.url_name if request.resolver_match else ""
        readings.log_reading(versions, page=page or "", by=request.user, at=clock.now(), as_list=as_list)


def _part_named(versions: list[Version], number: int) -> Version:
    found = next((version for version in versions if version.part.number == number), None)
    if found is None:
        raise Http404
    return found


def _part_that_concerns(versions: list[Version], user: User) -> Version:
    """Return the first part where `user` has a step to take, else the last they take part in, else the last."""
    if len(versions) == 1:
        return versions[0]
    waiting = (version for version in versions if actions.allowed(version, user, actions.TURNS))
    own = (one for one in reversed(versions) if any(party.user_id == user.pk for party in one.parties.all()))
    return next(waiting, None) or next(own, versions[-1])


def item_or_404(version: Version, lineage: str) -> Item:
    """Return the item of `version` with this lineage."""
    return get_object_or_404(version.items.select_related("version__part"), lineage=lineage)


def measured_item_or_404(version: Version, lineage: str) -> Item:
    """Return the item of `version` with this lineage, if it is measured itself and not by its sub-indicators."""
    measured = version.items.select_related("version__part").filter(children=None)
    return get_object_or_404(measured, lineage=lineage)


def demand_who(action: actions.Action, version: Version, user: User) -> None:
    """Answer 403 where `action` is never `user`'s to take; whether it may be taken now is the page's to say.

    :raises NotAllowed: if `user` may never take it.
    """
    if not action.who(user, version):
        raise actions.NotAllowed


def attempt(request: UserRequest, act: Callable[[], object], *, said: str | SafeString) -> bool:
    """Run `act` and tell the reader what came of it; return whether it was done."""
    try:
        act()
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, said)
    return True


def of_the_whole(version: Version) -> AgreementKey:
    """Return the agreement of `version` as the address of an act of the whole has it: at its last part."""
    last = version.part.agreement.parts.get(is_last=True)
    return AgreementKey(version.part.agreement.pk, None if last.is_only else last.number)


def back_to(version: Version) -> HttpResponse:
    """Redirect to the agreement's own page."""
    return redirect("agreements:agreement", pk=version.part.agreement.pk)
