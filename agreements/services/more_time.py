"""Telling those who were given more time, and putting aside what was said of the day before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.urls import reverse

from agreements import actions
from agreements.models import Agreement, Capacity, Extension, Notice, Phase, Posting, User, Version
from agreements.models.organisations import subtree
from agreements.services import deadlines, notice_rules, notices
from agreements.services.notice_rules import Wanted

# Who ends a phase, and by which act.
ENDED_BY: Mapping[str, tuple[Capacity, actions.Action]] = {
    Phase.PROPOSE: (Capacity.ASSESSEE, actions.PROPOSE),
    Phase.REPORT: (Capacity.ASSESSEE, actions.REPORT),
    Phase.ASSESS: (Capacity.ASSESSOR, actions.ASSESS),
}


def tell(made: Sequence[Extension], *, by: User, at: datetime) -> int:
    """Tell whose day moved by `made`, extensions of one round and phase; return how many were told.

    Who gave it to others is not told, nor for whom another day holds.
    """
    agreements, postings = list(_agreements(made)), list(_postings(made, at=at))
    wanted = [*_of_agreements(made, agreements), *_of_postings(made, postings)]
    _put_aside(made[0], wanted, at=at)
    return notices.keep([one for one in wanted if one.user != by.pk], at=at)


def _agreements(made: Sequence[Extension]) -> Iterator[Agreement]:
    first = made[0]
    running = Agreement.objects.filter(round=first.round_id, state__in=deadlines.BEFORE[Phase(first.phase)])
    if first.organisation is not None:
        running = running.filter(subtree(first.organisation.path, field="organisation__path"))
    else:
        running = running.filter(pk__in=[one.agreement_id for one in made])
    yield from running.for_list().order_by("pk").iterator(chunk_size=deadlines.CHUNK)


def _postings(made: Sequence[Extension], *, at: datetime) -> Iterator[Posting]:
    """Yield who has not started yet, where more time to propose is given to a unit."""
    first = made[0]
    if first.organisation is None or first.phase != Phase.PROPOSE:
        return
    for posting in notices.not_started(first.round, deadlines.local_day(at)):
        if posting.organisation.path.startswith(first.organisation.path):
            yield posting


def _of_agreements(made: Sequence[Extension], agreements: Sequence[Agreement]) -> Iterator[Wanted]:
    first, keys = made[0], {one.pk for one in made}
    calendar, before = deadlines.read([first.round]), deadlines.BEFORE[Phase(first.phase)]
    capacity, _action = ENDED_BY[first.phase]
    for agreement in agreements:
        due = calendar.due(agreement, first.phase)
        if due is None or due.extension is None or due.extension.pk not in keys:
            continue
        for version in agreement.current_versions:
            version.part.agreement = agreement
            if version.part.standing in before and not version.is_open_amendment:
                for party in version.parties.all():
                    if party.capacity == capacity:
                        yield _about(version, due, due.extension, party.user_id)


def _about(version: Version, due: deadlines.Due, extension: Extension, user: int) -> Wanted:
    key = notice_rules.key_of(version)
    return Wanted(
        user=user,
        kind=Notice.Kind.NEWS,
        act=f"time-{extension.phase}",
        round=extension.round_id,
        agreement=version.part.agreement_id,
        due=due.day,
        link=reverse("agreements:agreement", args=[key]),
        key=f"time:{extension.pk}:{notice_rules.in_key(key)}:{due.day}:{user}",
    )


def _of_postings(made: Sequence[Extension], postings: Sequence[Posting]) -> Iterator[Wanted]:
    first = made[0]
    calendar = deadlines.read([first.round])
    for posting in postings:
        due = calendar.due_at(posting.organisation, first.round, first.phase)
        if due is not None and due.extension is not None and due.extension.pk == first.pk:
            yield Wanted(
                user=posting.user_id,
                kind=Notice.Kind.NEWS,
                act=f"time-{first.phase}",
                round=first.round_id,
                due=due.day,
                link=reverse("agreements:work"),
                key=f"time:{first.pk}:{notice_rules.START}:{due.day}:{posting.user_id}",
            )


def _put_aside(extension: Extension, wanted: Sequence[Wanted], *, at: datetime) -> None:
    """Count as read what was said of the day that no longer holds, to them and to those above them."""
    earlier = Notice.objects.unread().filter(round=extension.round_id, kind__in=notices.ABOUT_DAYS)
    _capacity, action = ENDED_BY[extension.phase]
    of_agreements = [one.agreement for one in wanted if one.agreement is not None]
    of_people = [one.user for one in wanted if one.agreement is None]
    for start in range(0, len(of_agreements), deadlines.CHUNK):
        some = of_agreements[start : start + deadlines.CHUNK]
        earlier.filter(act=action.code, agreement__in=some).update(read_at=at)
    for start in range(0, len(of_people), deadlines.CHUNK):
        some_people = of_people[start : start + deadlines.CHUNK]
        earlier.filter(act=notice_rules.START, user__in=some_people).update(read_at=at)
