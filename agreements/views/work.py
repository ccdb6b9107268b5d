"""My work, starting an agreement, and the list of agreements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements import actions, clock
from agreements.models import Agreement, Framework, Part, Phase, Posting, Role, Round, State
from agreements.models.agreements import AgreementKey
from agreements.models.organisations import below_any
from agreements.services import (
    acting,
    agreements as services,
    board,
    deadlines,
    judged_results,
    not_started,
    notes,
    reporting_notices,
    reporting_tasks,
)
from agreements.services.duty_tasks import looked_after_by
from agreements.views import jobs, submissions
from agreements.views.requests import UserRequest

ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the reader, as party to an agreement."""

    agreement: Agreement
    action: actions.Action
    due: date | None
    is_late: bool
    is_mine: bool
    how_long: str
    capacity: str
    is_returned: bool = False
    is_amendment: bool = False
    # Under which words the reader would sign for somebody else's position.
    acting: str = ""
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
    calendar = deadlines.read({agreement.round_id: agreement.round for agreement in waiting}.values())
    tasks = [task for agreement in waiting for task in _tasks(agreement, request, calendar, today)]
    # What is late longest stands first; what has no day comes last, the oldest first.
    tasks.sort(key=lambda task: task.due or date.max)
    office_tasks = _office_tasks(request)
    looked_after = looked_after_by(request.user)
    drafts = _drafts(request)
    judging = [task for task in judged_results.tasks_for(request.user) if task.waiting]
    reports = reporting_tasks.tasks_of(request.user, at=clock.now())
    signed_for = Part.objects.filter(posting__user=request.user, agreement__person=None).values("agreement")
    mine = Agreement.objects.filter(Q(person=request.user) | Q(pk__in=signed_for)).for_list()
    mine = mine.order_by("-round__starts_on", "pk")
    return render(
        request,
        "agreements/work.html",
        {
            "tasks": tasks,
            "own": list(mine),
            "startable": [
                (round_, posting, _start_by(round_, posting)) for round_, posting in _startable(request, today)
            ],
            "office_tasks": office_tasks,
            "drafts": drafts,
            "entries": (entries := _in_one_list(tasks, office_tasks, drafts)),
            "together": _together(tasks),
            "judging": judging,
            "reports": reports,
            "reports_to_approve": [(one, submissions.period_words(one.form, one.period)) for one in reports.to_approve],
            "reports_to_send": [
                submissions.entry(one) | {"url": reporting_notices.link_of(one.form, one.period, one.organisation)}
                for one in reports.to_send
            ],
            "count": len(entries) + len(judging) + reports.count + sum(one.is_waiting for one in looked_after),
            "today": today,
            "looked_after": looked_after,
            "jobs": jobs.recent(request),
            "missing": not_started.in_care_of(request.user, today=today),
            "unnoted": notes.overdue_for(request.user, day=today),
        },
    )


def _in_one_list(
    tasks: list[Task], office_tasks: list[OfficeTask], drafts: list[Framework]
) -> list[tuple[str, Task | OfficeTask | Framework]]:
    """Return all that waits, whatever the reader does it as: what was missed, then by the day, then what has none."""
    missed = [one for one in office_tasks if one.action is None]
    dated = [one for one in tasks if one.due]
    return [
        *(("office", one) for one in missed),
        *(("party", one) for one in dated),
        *(("party", one) for one in tasks if not one.due),
        *(("office", one) for one in office_tasks if one.action),
        *(("draft", one) for one in drafts),
    ]


def _together(tasks: list[Task]) -> list[OfficeTask]:
    """Return the signatures that several agreements of a round wait for: they can be given on one page."""
    counts = Counter((task.agreement.round, task.action) for task in tasks if task.action.is_signature)
    return [OfficeTask(round_, action, count) for (round_, action), count in counts.items() if count > 1]


def _tasks(agreement: Agreement, request: UserRequest, calendar: deadlines.Calendar, today: date) -> Iterator[Task]:
    """Yield what waits for the reader in an agreement: one thing, or one a part where it was split."""
    user = request.user
    for version in agreement.current_versions:
        version.part.agreement = agreement
        action = next(iter(actions.allowed(version, user, actions.TURNS_OF_PARTIES)), None)
        if action is None:
            continue
        last = calendar.due_of(version)
        due = last.day if last else None
        stood_in = acting.place_stood_in(user, version)
        mine = (one.get_capacity_display() for one in version.parties.all() if one.user_id == user.pk)
        yield Task(
            agreement,
            action,
            due,
            is_late=due is not None and due < today,
            is_mine=agreement.person_id == user.pk,
            how_long=deadlines.words(due, today) if due else "",
            capacity=stood_in.get_capacity_display() if stood_in else next(mine, ""),
            acting=acting.printed(stood_in) if stood_in else "",
            is_returned=version.is_being_mended,
            is_amendment=version.is_open_amendment,
            part=None if version.part.is_only else version.part,
        )


# Where an act is done on many agreements at once.
PAGES = {
    actions.CHECK.code: "check-round",
    actions.SCREEN.code: "screening",
    actions.RELEASE.code: "release-round",
}


@dataclass(frozen=True, slots=True)
class OfficeTask:
    """What waits for the reader as HR, or as member of the committee: so many agreements of a round for one act."""

    round: Round
    # None where it is about those who missed a deadline.
    action: actions.Action | None
    count: int

    @property
    def url(self) -> str:
        """Where it is done: many at once where that can be, else from the round's list."""
        if self.action is None:
            return reverse("agreements:overdue", args=[self.round.pk])
        page = PAGES.get(self.action.code)
        if page:
            return reverse(f"agreements:{page}", args=[self.round.pk])
        return f"{self.round.get_absolute_url()}?state={self.action.source}"


def _office_tasks(request: UserRequest) -> list[OfficeTask]:
    waiting = Agreement.objects.awaiting_hr(request.user).values_list("round", "state")
    counted = list(waiting.annotate(count=Count("pk")).order_by("round__starts_on", "round", "state"))
    rounds = Round.objects.in_bulk([round_ for round_, _state, _count in counted])
    acts = actions.MAIN_BY_SOURCE | {State.PROPOSED: actions.CHECK}
    tasks = [OfficeTask(rounds[one], acts[State(state)], count) for one, state, count in counted]
    return _late_in_office(request) + tasks + _to_screen(request)


def _to_screen(request: UserRequest) -> list[OfficeTask]:
    """Return, round by round, how many assessed results wait for the reader as member of the screening committee."""
    waiting = Agreement.objects.awaiting_committee(request.user).order_by("round__starts_on", "round")
    counted = list(waiting.values_list("round").annotate(count=Count("pk")))
    rounds = Round.objects.in_bulk([round_ for round_, _count in counted])
    return [OfficeTask(rounds[one], actions.SCREEN, count) for one, count in counted]


def _late_in_office(request: UserRequest) -> list[OfficeTask]:
    """Return, round by round, how many agreements in the reader's care missed the end of a phase."""
    paths = Role.objects.paths(request.user, Role.Kind.HR)
    if not paths:
        return []
    within = below_any(paths, field="organisation__path")
    today, at = clock.today(), clock.now()
    over = Q(propose_by__lt=today) | Q(report_by__lt=today) | Q(assess_by__lt=today)
    with_agreements = Agreement.objects.filter(within).values("round")
    rounds = Round.objects.open().filter(over, pk__in=with_agreements).select_related("organisation")
    # The rounds under way are few; those who are late in one may be thousands, and are counted by the database.
    late = Q(pk=None)
    for round_ in rounds:
        late |= Q(round=round_) & board.late(round_, at=at)
    counts = dict(Agreement.objects.filter(within, late).order_by().values_list("round").annotate(Count("pk")))
    ordered = sorted((one for one in rounds if one.pk in counts), key=lambda one: (one.starts_on, one.pk))
    return [OfficeTask(round_, None, counts[round_.pk]) for round_ in ordered]


def _drafts(request: UserRequest) -> list[Framework]:
    """Return the drafts of frameworks that the reader edits."""
    paths = Role.objects.paths(request.user, Role.Kind.FRAMEWORK_EDITOR)
    if not paths:
        return []
    within = below_any(paths, field="organisation__path")
    return list(Framework.objects.filter(within, status=Framework.Status.DRAFT).order_by("created_at", "pk"))


def _startable(request: UserRequest, today: date) -> list[tuple[Round, Posting]]:
    held = Posting.objects.filter(user=request.user).held_on(today).select_related("organisation", "assessor")
    posting = held.order_by("is_acting", "-starts_on", "pk").first()
    if posting is None:
        return []
    started = Agreement.objects.filter(person=request.user).values("round")
    rounds = (
        Round.objects.visible_to(request.user)
        .open()
        .filter(subject=Round.Subject.PEOPLE)
        .exclude(pk__in=started)
        .order_by("starts_on", "pk")
    )
    return [(round_, posting) for round_ in rounds]


def _start_by(round_: Round, posting: Posting) -> date | None:
    """Return by which day somebody in `posting` proposes the agreement for `round_`."""
    due = deadlines.read([round_]).due_at(posting.organisation, round_, Phase.PROPOSE)
    return due.day if due else None


@require_POST
def start(request: UserRequest, pk: int) -> HttpResponse:
    """Open the reader's own agreement for a round."""
    found = {round_.pk: (round_, posting) for round_, posting in _startable(request, clock.today())}
    if pk not in found:
        # A round elsewhere is not there; of one's own office one is told why not.
        get_object_or_404(Round.objects.visible_to(request.user), pk=pk)
        messages.error(request, _("There is no open round to start here."))
        return redirect("agreements:work")
    round_, posting = found[pk]
    try:
        agreement = services.open_agreement(round_, posting, by=request.user, at=clock.now())
    except services.AgreementRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:work")
    return redirect("agreements:items", pk=agreement.pk)


def with_late_marks(shown: Iterable[Agreement]) -> list[Agreement]:
    """Return the rows of a page, each with the marks of what came late and was not made good since as `late`."""
    rows: list[Any] = list(shown)
    calendar = deadlines.read({one.round_id: one.round for one in rows}.values())
    for one in rows:
        one.late = calendar.still_late(one.late_marks.all(), one)
    return rows


# --- The list --------------------------------------------------------------------------------------------------------
@require_GET
def agreement_list(request: UserRequest) -> HttpResponse:
    """List the agreements that the reader may see, filtered by round, state and words."""
    found = Agreement.objects.visible_to(request.user).for_list().prefetch_related("late_marks")
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()
    if state in State.values:
        found = found.filter(state=state)
    if words:
        found = found.matching(words)
    page = Paginator(found.order_by("organisation__path", "pk"), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "agreements/agreement_list.html",
        {
            "page": page,
            "agreement_list": with_late_marks(page.object_list),
            "states": State.choices,
            "state": state,
            "q": words,
        },
    )
