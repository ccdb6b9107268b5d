"""My work, starting an agreement, and the list of agreements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements import actions, clock
from agreements.models import Agreement, Part, Posting, Round, State
from agreements.models.agreements import AgreementKey
from agreements.services import agreements as services, notes
from agreements.views.agreements import due_for
from agreements.views.requests import UserRequest

ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the reader."""

    agreement: Agreement
    action: actions.Action
    due: date | None
    is_late: bool
    is_mine: bool
    # Which part it is about, where the agreement was split.
    part: Part | None = None

    @property
    def key(self) -> AgreementKey:
        """The agreement as it stands in the address of the work."""
        return AgreementKey(self.agreement.pk, self.part.number if self.part else None)

    @property
    def state(self) -> str:
        """How far it is."""
        return self.part.standing if self.part else self.agreement.state


@require_GET
def work(request: UserRequest) -> HttpResponse:
    """Show what waits for the reader, until when and from whom."""
    today = clock.today()
    waiting = Agreement.objects.waiting_for(request.user).for_list().order_by("state_since", "pk")
    tasks = [task for agreement in waiting for task in _tasks(agreement, request, today)]
    tasks.sort(key=lambda task: task.due or date.max)
    office_tasks = _office_tasks(request)
    mine = Agreement.objects.filter(person=request.user).for_list().order_by("-round__starts_on", "pk")
    return render(
        request,
        "agreements/work.html",
        {
            "tasks": tasks,
            "own": list(mine),
            "startable": _startable(request, today),
            "office_tasks": office_tasks,
            "count": len(tasks) + len(office_tasks),
            "today": today,
            "unnoted": notes.overdue_for(request.user, day=today),
        },
    )


def _tasks(agreement: Agreement, request: UserRequest, today: date) -> Iterator[Task]:
    """Yield what waits for the reader in an agreement: one thing, or one a part where it was split."""
    is_mine = agreement.person_id == request.user.pk
    for version in agreement.current_versions:
        version.part.agreement = agreement
        action = next(iter(actions.allowed(version, request.user, actions.TURNS_OF_PARTIES)), None)
        if action is not None:
            due = due_for(version)
            is_late = due is not None and due < today
            yield Task(agreement, action, due, is_late, is_mine, part=None if version.part.is_only else version.part)


@dataclass(frozen=True, slots=True)
class OfficeTask:
    """What waits for the reader as HR: so many agreements of a round for the same act."""

    round: Round
    action: actions.Action
    count: int

    @property
    def url(self) -> str:
        """Where it is done: many at once where that can be, else from the round's list."""
        page = {actions.CHECK.code: "check-round", actions.RELEASE.code: "release-round"}.get(self.action.code)
        if page:
            return reverse(f"agreements:{page}", args=[self.round.pk])
        return f"{self.round.get_absolute_url()}?state={self.action.source}"


def _office_tasks(request: UserRequest) -> list[OfficeTask]:
    waiting = Agreement.objects.awaiting_hr(request.user).values_list("round", "state")
    counted = list(waiting.annotate(count=Count("pk")).order_by("round__starts_on", "round", "state"))
    rounds = Round.objects.in_bulk([round_ for round_, _state, _count in counted])
    acts = actions.MAIN_BY_SOURCE | {State.PROPOSED: actions.CHECK}
    return [OfficeTask(rounds[round_], acts[State(state)], count) for round_, state, count in counted]


def _startable(request: UserRequest, today: date) -> list[tuple[Round, Posting]]:
    held = Posting.objects.filter(user=request.user).held_on(today).select_related("organisation", "assessor")
    posting = held.order_by("is_acting", "-starts_on", "pk").first()
    if posting is None:
        return []
    started = Agreement.objects.filter(person=request.user).values("round")
    rounds = Round.objects.visible_to(request.user).open().exclude(pk__in=started).order_by("starts_on", "pk")
    return [(round_, posting) for round_ in rounds]


@require_POST
def start(request: UserRequest, pk: int) -> HttpResponse:
    """Open the reader's own agreement for a round."""
    found = {round_.pk: (round_, posting) for round_, posting in _startable(request, clock.today())}
    if pk not in found:
        messages.error(request, _("There is no open round to start here."))
        return redirect("agreements:work")
    round_, posting = found[pk]
    try:
        agreement = services.open_agreement(round_, posting, by=request.user, at=clock.now())
    except services.AgreementRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:work")
    return redirect("agreements:items", pk=agreement.pk)


# --- The list --------------------------------------------------------------------------------------------------------
@require_GET
def agreement_list(request: UserRequest) -> HttpResponse:
    """List the agreements that the reader may see, filtered by round, state and words."""
    found = Agreement.objects.visible_to(request.user).for_list()
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()
    if state in State.values:
        found = found.filter(state=state)
    if words:
        found = found.matching(words)
    page = Paginator(found.order_by("organisation__path", "pk"), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "agreements/agreement_list.html",
        {"page": page, "agreement_list": page.object_list, "states": State.choices, "state": state, "q": words},
    )
