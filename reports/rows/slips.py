"""What a sign-in slip says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agreements import thai
from agreements.models import Posting
from agreements.services.accounts import Slip


@dataclass(frozen=True, slots=True)
class PrintedSlip:
    """One slip, for one person."""

    name: str
    place: str
    username: str
    code: str
    expires: str


def printed_slips(slips: Iterable[Slip]) -> list[PrintedSlip]:
    """Return `slips` as they are printed, those of a unit one after the other."""
    found = list(slips)
    held = Posting.objects.filter(user__in=[slip.person for slip in found]).select_related("organisation")
    # The last one wins: the present main position.
    places = {posting.user_id: posting.organisation for posting in held.order_by("-is_acting", "starts_on", "pk")}
    rows = [(places.get(slip.person.pk), slip) for slip in found]
    rows.sort(key=lambda row: (row[0].path if row[0] else "", row[1].person.sort_key, row[1].person.pk))
    return [
        PrintedSlip(
            name=slip.person.full_name,
            place=place.name if place else "",
            username=slip.person.username,
            code=slip.code,
            expires=thai.format_date(slip.expires_at.astimezone(thai.THAI_TIME), "long"),
        )
        for place, slip in rows
    ]
