"""Who heads a unit: the one place where that is said.

The head is who holds, on that day, the position of the unit that nobody of the unit itself assesses. Where several do
(a clerk whose assessor was never named), it is the one among them who assesses somebody of the unit, else the one
in a director's or executive's position; where that still leaves several, the unit has no head until HR names the
assessors. Whoever is acting for the head's position heads the unit as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.functional import SimpleLazyObject

from agreements.models import Organisation, Posting, User

_DIRECTING = {Posting.PositionType.DIRECTOR, Posting.PositionType.EXECUTIVE}


def heads_of(places: Iterable[int], *, day: date) -> Mapping[int, Posting]:
    """Return the head's position of each unit of the keys `places` that has one on `day`: two questions for all."""
    keys = set(places)
    leading: dict[int, list[Posting]] = {}
    held = Posting.objects.filter(organisation__in=keys).held_on(day)
    for posting in held.leading().select_related("user").order_by("pk"):
        leading.setdefault(posting.organisation_id, []).append(posting)
    several = [one.pk for found in leading.values() if len(found) > 1 for one in found]
    assessing = {one.assessor_id for one in held.filter(assessor__in=several)} if several else set()
    chosen = {place: _chosen(found, assessing) for place, found in leading.items()}
    return {place: posting for place, posting in chosen.items() if posting is not None}


def _chosen(found: list[Posting], assessing: set[int | None]) -> Posting | None:
    for narrower in (
        found,
        [one for one in found if one.pk in assessing],
        [one for one in found if one.position_type in _DIRECTING],
    ):
        if len(narrower) == 1:
            return narrower[0]
    return None


def head_of(place: Organisation, *, day: date) -> Posting | None:
    """Return the head's position of `place` on `day`, if it has one."""
    return heads_of([place.pk], day=day).get(place.pk)


def position_as_head(user: User, place: Organisation, *, day: date) -> Posting | None:
    """Return the head's position of `place`, if `user` holds it on `day` or is acting for it."""
    head = head_of(place, day=day)
    return head if head is not None and is_held_by(head, user, day=day) else None


def is_held_by(head: Posting, user: User, *, day: date) -> bool:
    """Return whether `user` holds the position `head`, or is acting for it on `day`."""
    return head.user_id == user.pk or head.pk in _stood_in(user, day)


def _stood_in(user: User, day: date) -> set[int]:
    held = Posting.objects.filter(user=user, is_acting=True, stands_for__isnull=False).held_on(day)
    return {one.stands_for_id for one in held if one.stands_for_id is not None}


def headed_by(user: User, *, day: date) -> frozenset[int]:
    """Return the keys of the units that `user` heads on `day`, as their head or acting for it."""
    own = Posting.objects.filter(user=user).held_on(day).leading()
    positions = set(own.values_list("pk", flat=True)) | _stood_in(user, day)
    if not positions:
        return frozenset()
    places = Posting.objects.filter(pk__in=positions).values_list("organisation", flat=True)
    return frozenset(place for place, head in heads_of(places, day=day).items() if head.pk in positions)


def tell(user: User, *, day: date) -> User:
    """Tell `user` which units they head on `day`; asked for once it matters."""
    user.heads = SimpleLazyObject(lambda: headed_by(user, day=day))  # type: ignore[assignment]
    return user
