"""Who of those in somebody's care has no agreement though its day is past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agreements.models import Agreement, Phase, Posting, Round, User
from agreements.services import deadlines


@dataclass(frozen=True, slots=True)
class Missing:
    """The positions in the reader's care without an agreement in a round, which should have been proposed by `due`."""

    round: Round
    due: date
    postings: tuple[Posting, ...]


def in_care_of(user: User, *, today: date) -> list[Missing]:
    """Return, round by round and day by day, who of those that `user` assesses has not started though it is late."""
    held = Posting.objects.held_on(today).filter(user__is_active=True)
    people = list(held.filter(assessor__user=user).values_list("user", flat=True))
    if not people:
        return []
    # The position that an agreement would be made for, as My work of that person chooses it.
    ordered = held.filter(user__in=people).select_related("user", "organisation", "assessor")
    main: dict[int, Posting] = {}
    for posting in ordered.order_by("is_acting", "-starts_on", "pk"):
        main.setdefault(posting.user_id, posting)
    mine = [one for one in main.values() if one.assessor is not None and one.assessor.user_id == user.pk]
    over = Round.objects.open().filter(propose_by__lt=today)
    rounds = list(over.select_related("organisation").order_by("starts_on", "pk"))
    started = set(Agreement.objects.filter(round__in=rounds, person__in=main).values_list("round", "person"))
    without = [
        (round_, posting)
        for round_ in rounds
        for posting in mine
        if (round_.pk, posting.user_id) not in started
        and posting.organisation.path.startswith(round_.organisation.path)
    ]
    calendar = deadlines.read({round_ for round_, _posting in without})
    found: dict[tuple[Round, date], list[Posting]] = {}
    for round_, posting in without:
        due = calendar.due_at(posting.organisation, round_, Phase.PROPOSE)
        # A day on a holiday runs on, and a unit may have more time.
        if due is not None and due.day < today:
            found.setdefault((round_, due.day), []).append(posting)
    return [
        Missing(round_, day, tuple(sorted(postings, key=lambda one: (one.user.sort_key, one.pk))))
        for (round_, day), postings in found.items()
    ]
