"""Acting (รักษาราชการแทน): who takes the acts of another's position between two days, and in what words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import SimpleLazyObject

from agreements.models import Capacity, Party, Posting, User, Version
from agreements.predicates import place_of

# As it is printed under a signature, in every language of the portal.
ACTING_WORDS = "รักษาราชการแทน"


def stand_in(user: User, *, day: date) -> User:
    """Let `user` take the acts of the positions for which they are acting on `day`; asked for once it matters."""
    user.stands_in = SimpleLazyObject(lambda: positions_stood_in(user, day=day))  # type: ignore[assignment]
    return user


def positions_stood_in(user: User, *, day: date) -> Mapping[int, Posting]:
    """Return the positions for which `user` is acting on `day`, by key."""
    held = Posting.objects.filter(user=user, is_acting=True, stands_for__isnull=False).held_on(day)
    return {posting.stands_for_id: posting.stands_for for posting in held.select_related("stands_for")}  # type: ignore[misc]


def place_stood_in(user: User, version: Version) -> Party | None:
    """Return the place in `version` whose acts `user` takes as acting; none where a place is their own."""
    for capacity in Capacity:
        place = place_of(user, version, capacity)
        if place is not None:
            return None if place.user_id == user.pk else place
    return None


def told(user: User, version: Version) -> dict[str, Any]:
    """Return what the log says of an act that `user` took as acting: for whom, and in which capacity."""
    place = place_stood_in(user, version)
    if place is None:
        return {}
    return {"acting_for": place.title, "acting_for_name": place.name, "acting_as": str(place.capacity)}


def printed(place: Party) -> str:
    """Return the words under the signature of whoever signs for `place` as acting."""
    return f"{ACTING_WORDS}{place.title}"


def own_position(user: User, place: Party, *, day: date) -> str:
    """Return the position that `user` holds themselves on `day`, as it is printed above the acting one."""
    held = Posting.objects.filter(user=user).held_on(day)
    own = held.filter(is_acting=False).order_by("-starts_on", "pk").first()
    acting = held.filter(is_acting=True, stands_for=place.posting_id).first()
    posting = own or acting
    return posting.printed_title if posting else ""
