"""Who is to be told what on which day: pure questions about agreements that were read already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from agreements import actions
from agreements.models import Capacity, Notice, Party, Posting, Round, Version
from agreements.models.agreements import AgreementKey
from agreements.models.states import awaited
from agreements.services.deadlines import Due

# So many days before the end a person is told, each time once.
STEPS = (1, 3, 7, 14)
# After the end: at once, then every so many days.
EVERY = 7
# Where the work of an act is done, by the name of the page; signatures are given on the check page.
PAGES = {
    actions.PROPOSE.code: "agreements:items",
    actions.REPORT.code: "agreements:results",
    actions.ASSESS.code: "agreements:assessment",
}
START = "start"
# Who answers for whom: the superior in the line of the agreement, who may see it already.
ABOVE: Mapping[str, str] = {Capacity.ASSESSEE: Capacity.ASSESSOR, Capacity.ASSESSOR: Capacity.REVIEWER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A notice that is due to be written."""

    user: int
    kind: str
    act: str
    round: int | None
    link: str
    key: str
    agreement: int | None = None
    due: date | None = None
    words: str = ""


def page_of(act: str, agreement: AgreementKey | int) -> str:
    """Return the address of the page where `act` is done."""
    if act in PAGES:
        return reverse(PAGES[act], args=[agreement])
    action = actions.BY_CODE.get(act)
    if action is not None and action.is_signature:
        return reverse("agreements:check", args=[agreement, act])
    return reverse("agreements:agreement", args=[agreement])


def step_for(left: int) -> int | None:
    """Return the step at which somebody with `left` days is told: the nearest that was reached; none if far off."""
    return next((step for step in STEPS if left <= step), None)


def due_act(version: Version, party: Party | None = None) -> str:
    """Return the act that `version` waits for, from `party` where several sign side by side."""
    action = actions.next_act(version)
    if action in actions.WITNESSES_START and party is not None:
        action = next(one for one in actions.WITNESSES_START if one.capacity == party.capacity)
    return action.code if action else ""


def key_of(version: Version) -> AgreementKey:
    """Return the agreement as it stands in the address of a page about `version`."""
    return AgreementKey(version.part.agreement_id, None if version.part.is_only else version.part.number)


def in_key(key: AgreementKey) -> str:
    """Return how an agreement, or a part of it, stands in the key of a notice."""
    return f"{int(key)}-{key.part}" if key.part else str(int(key))


def waited_for(version: Version) -> list[Party]:
    """Return the parties whose turn it is with `version`, witnesses together; none where it is HR's, or nobody's."""
    return awaited(version)


def of_version(version: Version, due: Due, today: date, *, hr: Iterable[int] = ()) -> list[Wanted]:
    """Return what is to be said today of a version of an agreement fetched for lists, due on `due`.

    `hr` are told of somebody's lateness where nobody stands above.
    """
    return [one for party in waited_for(version) for one in _of_party(version, party, due, today, hr)]


def _of_party(version: Version, party: Party, due: Due, today: date, hr: Iterable[int]) -> list[Wanted]:
    left = (due.day - today).days
    if left >= 0:
        step = step_for(left)
        return [] if step is None else [_about(version, due, Notice.Kind.DUE, party, party.user_id, step)]
    week = (-left - 1) // EVERY
    told = [_about(version, due, Notice.Kind.LATE, party, party.user_id, week)]
    for user in superiors(version, party, hr):
        told.append(_about(version, due, Notice.Kind.ESCALATION, party, user, week))
    return told


def superiors(version: Version, late: Party, hr: Iterable[int]) -> list[int]:
    """Return who is told that `late` is late: who stands above in the agreement, else the HR office."""
    above = [one.user_id for one in version.parties.all() if one.capacity == ABOVE.get(late.capacity, "")]
    if above:
        return above
    assessed = {one.user_id for one in version.parties.all() if one.capacity == Capacity.ASSESSEE}
    return [user for user in hr if user not in {late.user_id, *assessed}]


def _about(version: Version, due: Due, kind: str, late: Party, user: int, count: int) -> Wanted:
    agreement, key, act = version.part.agreement, key_of(version), due_act(version, late)
    own = kind != Notice.Kind.ESCALATION
    return Wanted(
        user=user,
        kind=kind,
        act=act,
        round=agreement.round_id,
        agreement=agreement.pk,
        due=due.day,
        link=page_of(act, key) if own else reverse("agreements:agreement", args=[key]),
        key=f"{kind}:{in_key(key)}:{act}:{due.day}:{count}:{user}",
    )


def of_nobody_started(posting: Posting, round_: Round, due: Due, today: date) -> list[Wanted]:
    """Return what is to be said today about somebody without an agreement in `round_`, fetched with the assessor."""
    left = (due.day - today).days
    count = step_for(left) if left >= 0 else (-left - 1) // EVERY
    if count is None:
        return []
    told = [(posting.user_id, Notice.Kind.DUE if left >= 0 else Notice.Kind.LATE)]
    if left < 0 and posting.assessor is not None:
        # The key is without the person: a head is told once a week, however many have not started.
        told.append((posting.assessor.user_id, Notice.Kind.ESCALATION))
    return [
        Wanted(
            user=user,
            kind=kind,
            act=START,
            round=round_.pk,
            due=due.day,
            link=reverse("agreements:work"),
            key=f"{kind}:round{round_.pk}:{START}:{due.day}:{count}:{user}",
        )
        for user, kind in told
    ]
