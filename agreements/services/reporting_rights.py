"""Who may enter, certify and approve what a unit reports; said as refusals in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from agreements.actions import NotAllowed
from agreements.models import Organisation, Posting, Role, Submission, User
from agreements.services import heads


def is_reporter(user: User, place: Organisation) -> bool:
    """Return whether `user` has the role of a data reporter at `place` or above it."""
    return any(place.path.startswith(path) for path in Role.objects.paths(user, Role.Kind.DATA_REPORTER))


def ask_to_enter(user: User, place: Organisation, *, day: date) -> None:
    """Refuse whoever may not enter figures of `place`.

    :raises NotAllowed: if `user` is neither its head nor a data reporter for it.
    """
    if not is_reporter(user, place) and heads.position_as_head(user, place, day=day) is None:
        raise NotAllowed(
            _("Only the head and the data reporters of %(unit)s may enter its figures.") % {"unit": place.name}
        )


def ask_to_certify(user: User, place: Organisation, *, day: date) -> Posting:
    """Return the position in which `user` heads `place`.

    :raises NotAllowed: if `user` does not.
    """
    position = heads.position_as_head(user, place, day=day)
    if position is None:
        raise NotAllowed(_("Only the head of %(unit)s may certify its report.") % {"unit": place.name})
    return position


def ask_to_judge(user: User, places: Sequence[Organisation], *, day: date) -> dict[int, str]:
    """Return by key of each of `places` in what position `user` approves, returns and unlocks what comes to it.

    :raises NotAllowed: if `user` neither heads one of them nor is a data reporter for it.
    """
    covered, position = _roles_and_position(user, day=day)
    uncovered = [one for one in places if not any(one.path.startswith(path) for path in covered)]
    positions = {one.pk: position for one in places}
    headed = heads.heads_of([one.pk for one in uncovered], day=day) if uncovered else {}
    for place in uncovered:
        head = headed.get(place.pk)
        if head is None or not heads.is_held_by(head, user, day=day):
            raise NotAllowed(
                _("Only the head and the data reporters of %(unit)s decide about what is reported to it.")
                % {"unit": place.name}
            )
        positions[place.pk] = head.printed_title
    return positions


def _roles_and_position(user: User, *, day: date) -> tuple[list[str], str]:
    """Return where `user` is a data reporter, and the position held by them, as it is printed: one question."""
    own = Posting.objects.filter(user=OuterRef("user"), is_acting=False).held_on(day).order_by("-starts_on", "pk")
    said = ("title", "level", "position_type")
    found = list(
        Role.objects.filter(user=user, kind=Role.Kind.DATA_REPORTER)
        .annotate(**{f"own_{name}": Subquery(own.values(name)[:1]) for name in said})
        .values_list("organisation__path", *(f"own_{name}" for name in said))
    )
    paths = [row[0] for row in found]
    title, level, position_type = next(((row[1], row[2], row[3]) for row in found if row[1]), ("", "", ""))
    if not title:
        return paths, str(Role.Kind.DATA_REPORTER.label)
    return paths, Posting(title=title, level=level, position_type=position_type).printed_title


def may_certify(user: User, submission: Submission, *, day: date) -> bool:
    """Return whether `user` heads the unit that reports."""
    return heads.position_as_head(user, submission.organisation, day=day) is not None


def judges_at(user: User, place: Organisation, *, day: date) -> bool:
    """Return whether `user` decides about what is reported to `place`: as its head, or a data reporter for it."""
    return is_reporter(user, place) or heads.position_as_head(user, place, day=day) is not None


def may_judge(user: User, submission: Submission, *, day: date) -> bool:
    """Return whether `user` decides about `submission` for the unit above."""
    return submission.above is not None and judges_at(user, submission.above, day=day)


def may_enter(user: User, submission: Submission, *, day: date) -> bool:
    """Return whether `user` may enter figures of `submission`, as far as the unit goes."""
    return judges_at(user, submission.organisation, day=day)
