"""Which rounds, frameworks and units somebody looks at who leads an office: those that they follow as on the board."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from agreements.models import Agreement, Framework, Item, Organisation, Role, Round, User
from agreements.models.agreements import AgreementQuerySet
from agreements.models.organisations import below_any, subtree
from agreements.models.rounds import serving
from agreements.services.board import FOLLOWERS
from agreements.services.dashboard_sums import TOLD

#: The condition that the result of an agreement was released, before it was ended where it was.
TOLD_OF = Q(state__in=TOLD) | Q(ended_from__in=TOLD)


def roots_of(user: User) -> list[str]:
    """Return the paths of the units that `user` follows with all below, none of them below another."""
    found: list[str] = []
    for path in sorted(Role.objects.paths(user, *FOLLOWERS)):
        if not any(path.startswith(above) for above in found):
            found.append(path)
    return found


def rounds_for(user: User, roots: Sequence[str]) -> list[Round]:
    """Return the rounds that serve what `user` follows, or a part of it, the latest first.

    Each says as `has_released` whether anything was released of it there.
    """
    told = Agreement.objects.filter(TOLD_OF, below_any(list(roots), field="organisation__path"), round=OuterRef("pk"))
    found = Round.objects.filter(serving(user) | below_any(list(roots), field="organisation__path"))
    ordered = found.annotate(has_released=Exists(told)).select_related("organisation")
    return [
        one
        for one in ordered.order_by("-ends_on", "-starts_on", "organisation__path", "pk")
        if any(_meet(root, one.organisation.path) for root in roots)
    ]


def _meet(path: str, other: str) -> bool:
    return path.startswith(other) or other.startswith(path)


def root_of(round_: Round, path: str, roots: Sequence[str]) -> str | None:
    """Return the top of what a reader of `roots` sees of `round_` around `path`."""
    within = round_.organisation.path
    seen = next((root for root in roots if path.startswith(root)), None)
    if seen is None or not path.startswith(within):
        return None
    return max(seen, within, key=len)


def first_place(round_: Round, roots: Sequence[str]) -> Organisation | None:
    """Return the highest unit of `round_` that is seen."""
    within = round_.organisation.path
    tops = [max(root, within, key=len) for root in roots if _meet(root, within)]
    return Organisation.objects.filter(path__in=tops).order_by("path").first() if tops else None


def frameworks_of(round_: Round, root: str) -> list[Framework]:
    """Return the frameworks of which results were released in `round_` at or below `root`, the latest version each."""
    used = Item.objects.filter(
        subtree(root, field="version__part__agreement__organisation__path"),
        indicator__framework=OuterRef("pk"),
        version__is_current=True,
        version__part__agreement__in=released(round_).values("pk"),
    )
    latest: dict[str, Framework] = {}
    for one in Framework.objects.filter(Exists(used)).order_by("level", "code", "version"):
        latest[one.code] = one
    return list(latest.values())


def released(round_: Round) -> AgreementQuerySet:
    """Return the agreements of `round_` whose results were released, before they were ended where they were."""
    return Agreement.objects.filter(TOLD_OF, round=round_)


def places_around(place: Organisation, root: str) -> list[Organisation]:
    """Return what can be turned to from `place`: what is above it within `root`, and what is just below."""
    line = Organisation.objects.line_of(place).filter(subtree(root)).order_by().values("pk")
    below = subtree(place.path) & Q(depth=place.depth + 1)
    return list(Organisation.objects.filter(Q(pk__in=line) | below).order_by("path"))
