"""Writing notices: on the way of an agreement, on the days before and after a deadline, and as HR's reminder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import Agreement, Capacity, Notice, Phase, Posting, Role, Round, User, Version
from agreements.models.organisations import subtree
from agreements.services import deadlines, log, notice_rules
from agreements.services.notice_rules import Wanted

# What the assessee is told though somebody else has the turn; where nobody has it, the assessee is told of every act.
NEWS = (actions.REVIEW, actions.REVIEW_2, actions.CLOSE)
# Acts by which something comes back to be mended.
BACK = (
    actions.RETURN_PROPOSAL,
    actions.RETURN_INCOMPLETE,
    actions.RETURN_REPORT,
    actions.RETURN_ASSESSMENT,
    actions.REOPEN_ASSESSMENT,
    actions.REOPEN_REPORT,
)


CHUNK = deadlines.CHUNK


class ReminderRefused(Exception):
    """Nobody can be reminded so."""


@transaction.atomic
def keep(wanted: Iterable[Wanted], *, at: datetime) -> int:
    """Write the notices that are not there yet; return how many those were."""
    by_key = {one.key: one for one in wanted}
    known = _known(by_key)
    rows = [
        Notice(
            user_id=one.user,
            kind=one.kind,
            agreement_id=one.agreement,
            round_id=one.round,
            act=one.act,
            due=one.due,
            words=one.words,
            link=one.link,
            key=key,
            created_at=at,
        )
        for key, one in by_key.items()
        if key not in known
    ]
    _put_aside_what_they_replace(rows, at=at)
    # Two runs at once may both find one missing: the second row gives way.
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=CHUNK)
    return len(rows)


def _known(wanted: Iterable[str]) -> set[str]:
    keys = list(wanted)
    found: set[str] = set()
    for start in range(0, len(keys), CHUNK):
        found |= set(Notice.objects.filter(key__in=keys[start : start + CHUNK]).values_list("key", flat=True))
    return found


ABOUT_DAYS = (Notice.Kind.DUE, Notice.Kind.LATE, Notice.Kind.ESCALATION)


def _put_aside_what_they_replace(rows: Sequence[Notice], *, at: datetime) -> None:
    """Count as read what was said of the same task before: “three days left” is wrong once it is late."""
    tasks = {_task_of(row) for row in rows if row.kind in ABOUT_DAYS}
    if not tasks:
        return
    users = list({row.user_id for row in rows if row.kind in ABOUT_DAYS})
    earlier = [
        notice
        for start in range(0, len(users), CHUNK)
        for notice in Notice.objects.unread().filter(kind__in=ABOUT_DAYS, user__in=users[start : start + CHUNK])
    ]
    replaced = [one.pk for one in earlier if _task_of(one) in tasks]
    for start in range(0, len(replaced), CHUNK):
        Notice.objects.filter(pk__in=replaced[start : start + CHUNK]).update(read_at=at)


def _task_of(notice: Notice) -> tuple[object, ...]:
    """Return what tells the tasks of a person apart: those of a round without an agreement also by where they are.

    A head's own agreement is another task than those in their care.
    """
    place = "" if notice.agreement_id else notice.link
    return (notice.user_id, notice.agreement_id, notice.round_id, place, notice.kind == Notice.Kind.ESCALATION)


# --- On the way ------------------------------------------------------------------------------------------------------
def tell_of(version: Version, action: actions.Action, *, by: User, at: datetime) -> None:
    """Tell those concerned that `by` has moved the agreement on, or back; part of the act's transaction."""
    agreement = version.part.agreement
    # What was said before is done with: nobody is mailed about a task that is no longer there.
    Notice.objects.unread().filter(agreement=agreement).exclude(kind=Notice.Kind.NEWS).update(read_at=at)
    told: dict[int, tuple[str, str]] = {}
    waited_for = notice_rules.waited_for(version)
    # Where the assessment releases by itself, the release tells more in the same moment.
    goes_on = action == actions.ASSESS and agreement.round.releases_on_assessment
    if (action in NEWS or not waited_for) and not goes_on:
        for one in version.parties.all():
            if one.capacity == Capacity.ASSESSEE:
                told[one.user_id] = (Notice.Kind.NEWS, action.code)
    key = notice_rules.key_of(version)
    kind = Notice.Kind.RETURNED if _leads_back(action) else Notice.Kind.TURN
    for party in waited_for:
        told[party.user_id] = (kind, notice_rules.due_act(version, party))
    told.pop(by.pk, None)
    stamp = f"{at.timestamp():.6f}"
    keep(
        [
            Wanted(
                user=user,
                kind=kind,
                act=act,
                round=agreement.round_id,
                agreement=agreement.pk,
                link=reverse("agreements:agreement", args=[key])
                if kind in {Notice.Kind.NEWS, Notice.Kind.RETURNED}
                else notice_rules.page_of(act, key),
                key=f"{kind}:{notice_rules.in_key(key)}:{action.code}:{stamp}:{user}",
            )
            for user, (kind, act) in told.items()
        ],
        at=at,
    )


def _leads_back(action: actions.Action) -> bool:
    return action in BACK


# --- Before and after a deadline -------------------------------------------------------------------------------------
def write_due(*, at: datetime) -> int:
    """Write what is due to be said on the day of `at` in all open rounds; return how many notices those were."""
    today = deadlines.local_day(at)
    rounds = list(Round.objects.open().select_related("organisation").order_by("pk"))
    calendar = deadlines.read(rounds)
    return keep([*_of_agreements(rounds, calendar, today), *_of_nobody(rounds, calendar, today)], at=at)


def _of_agreements(rounds: Sequence[Round], calendar: deadlines.Calendar, today: date) -> list[Wanted]:
    running = Agreement.objects.filter(round__in=rounds, state__in=list(deadlines.PHASES)).for_list().order_by("pk")
    hr = list(
        Role.objects.filter(kind=Role.Kind.HR, user__is_active=True)
        .order_by("pk")
        .values_list("organisation__path", "user_id")
    )
    found = []
    for agreement in running.iterator(chunk_size=deadlines.CHUNK):
        for version in agreement.current_versions:
            version.part.agreement = agreement
            due = calendar.due_of(version)
            if due is not None:
                found += notice_rules.of_version(version, due, today, hr=_nearest(hr, agreement.organisation.path))
    return found


def _nearest(hr: Sequence[tuple[str, int]], path: str) -> list[int]:
    """Return the HR officers of the office nearest to `path`."""
    above = [(len(held), user) for held, user in hr if path.startswith(held)]
    nearest = max((length for length, _user in above), default=0)
    return [user for length, user in above if length == nearest]


def _of_nobody(rounds: Sequence[Round], calendar: deadlines.Calendar, today: date) -> list[Wanted]:
    found = []
    for round_ in rounds:
        for posting in not_started(round_, today):
            due = calendar.due_at(posting.organisation, round_, Phase.PROPOSE)
            if due is not None:
                found += notice_rules.of_nobody_started(posting, round_, due, today)
    return found


def not_started(round_: Round, today: date) -> list[Posting]:
    """Return the positions of those who should have an agreement in `round_` and have none; one a person."""
    return first_of_each(without_agreement(round_, today))


def without_agreement(round_: Round, today: date) -> QuerySet[Posting]:
    """Return the positions of those who should have an agreement in `round_` and have none, unit by unit."""
    if round_.subject == Round.Subject.ORGANISATIONS:
        # HR opens the agreements of offices; nobody starts one of their own.
        return Posting.objects.none()
    started = Agreement.objects.filter(round=round_, person__isnull=False).values("person")
    return (
        Posting.objects.held_on(today)
        .filter(subtree(round_.organisation.path, field="organisation__path"), user__is_active=True)
        .exclude(assessor=None)
        .exclude(user__in=started)
        .select_related("user", "organisation", "assessor")
        .order_by("organisation__path", "is_acting", "-starts_on", "pk")
    )


def first_of_each(held: Iterable[Posting]) -> list[Posting]:
    """Return of `held` the first position of each person."""
    found: dict[int, Posting] = {}
    for posting in held:
        found.setdefault(posting.user_id, posting)
    return list(found.values())


# --- HR's reminder ---------------------------------------------------------------------------------------------------
@transaction.atomic
def remind(round_: Round, chosen: Sequence[Agreement], *, words: str, by: User, at: datetime) -> int:
    """Remind those whose turn it is in `chosen`, fetched for lists; return how many were reminded now.

    Each agreement is reminded of at most once a day. One entry of the log lists them.

    :raises NotAllowed: if `by` is not HR for one of them.
    :raises ReminderRefused: if nothing is left to remind anybody of today.
    """
    for one in chosen:
        if one.round_id != round_.pk or not deadlines.is_hr_over(by, one.organisation):
            raise actions.NotAllowed(_("This is not yours to do."))
    calendar, today = deadlines.read([round_]), deadlines.local_day(at)
    wanted = []
    for one in chosen:
        for version in one.current_versions:
            version.part.agreement = one
            due = calendar.due_of(version)
            wanted += _reminder(version, due.day if due else None, words.strip(), today)
    known = _known(one.key for one in wanted)
    fresh = [one for one in wanted if one.key not in known]
    if not fresh:
        raise ReminderRefused(
            _("Nobody was reminded: choose agreements that wait for somebody and had no reminder today.")
        )
    keep(fresh, at=at)
    details = {"round": str(round_), "agreements": [one.agreement for one in fresh], "words": words.strip()}
    log.record("reminder.sent", office=log.office_of(chosen[0].organisation), by=by, at=at, details=details)
    return len(fresh)


def _reminder(version: Version, due: date | None, words: str, today: date) -> list[Wanted]:
    agreement, key = version.part.agreement, notice_rules.key_of(version)
    return [
        Wanted(
            user=party.user_id,
            kind=Notice.Kind.REMINDER,
            act=act,
            round=agreement.round_id,
            agreement=agreement.pk,
            due=due,
            words=words,
            link=notice_rules.page_of(act, key),
            # Without the person: a day's reminder is one, also if the assessor was replaced meanwhile.
            key=f"{Notice.Kind.REMINDER}:{notice_rules.in_key(key)}:{today}" + (f":{number}" if number else ""),
        )
        for number, party in enumerate(notice_rules.waited_for(version))
        for act in [notice_rules.due_act(version, party)]
    ]


# --- Reading ---------------------------------------------------------------------------------------------------------
def read_one(notice: Notice, *, at: datetime) -> None:
    """Keep that a notice was read, the first time."""
    Notice.objects.unread().filter(pk=notice.pk).update(read_at=at)


def read_all(user: User, *, at: datetime) -> int:
    """Keep that `user` has read everything there is."""
    return Notice.objects.visible_to(user).unread().update(read_at=at)


def set_mail(user: User, *, wanted: bool) -> None:
    """Turn the daily e-mail of `user` on or off."""
    User.objects.filter(pk=user.pk).update(wants_mail=wanted)
