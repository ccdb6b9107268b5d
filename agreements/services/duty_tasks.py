"""What waits for those who look after indicators of organisations' agreements."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from agreements.models import Agreement, Duty, Part, Party, Result, Round, State, User
from agreements.models.agreements import AgreementKey
from agreements.predicates import JUDGING


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAfter:
    """What somebody looks after in one part of an agreement, and how much of it waits for them."""

    part: Part
    collects: int
    to_enter: int
    owns: int
    to_confirm: int

    @property
    def agreement(self) -> Agreement:
        """The agreement."""
        return self.part.agreement

    @property
    def is_waiting(self) -> bool:
        """Whether something is to be entered or confirmed."""
        return bool(self.to_enter or self.to_confirm)

    @property
    def key(self) -> AgreementKey:
        """The agreement as it stands in the address of its results."""
        return AgreementKey(self.part.agreement_id, None if self.part.is_only else self.part.number)


def looked_after_by(user: User) -> list[LookedAfter]:
    """Return what `user` looks after in open rounds while results are entered, the oldest round first."""
    judged = Party.objects.filter(user=user, capacity__in=JUDGING, version__is_current=True).values("version__part")
    held = Duty.objects.of(user).filter(
        part__state=State.AGREED,
        part__agreement__state=State.AGREED,
        part__agreement__person=None,
        part__agreement__round__status=Round.Status.OPEN,
    )
    duties = list(
        held.exclude(part__in=judged)
        .select_related("part__agreement__round", "part__agreement__organisation")
        .order_by("part__agreement__round__starts_on", "part", "pk")
    )
    if not duties:
        return []
    parts = {duty.part_id: duty.part for duty in duties}
    rows = Result.objects.filter(part__in=parts, checkpoint=Result.Checkpoint.FINAL)
    kept = {(row.part_id, row.lineage): row for row in rows}
    return [_of_part(part, [one for one in duties if one.part_id == pk], kept) for pk, part in parts.items()]


def _of_part(part: Part, duties: list[Duty], kept: dict[tuple[int, UUID], Result]) -> LookedAfter:
    collected = {one.lineage for one in duties if one.kind == Duty.Kind.COLLECTOR}
    owned = {one.lineage for one in duties if one.kind == Duty.Kind.OWNER}
    results = {lineage: kept.get((part.pk, lineage)) for lineage in collected | owned}
    entered = {lineage for lineage, row in results.items() if row is not None and row.inputs}
    confirmed = {lineage for lineage, row in results.items() if row is not None and row.confirmed_at}
    return LookedAfter(
        part=part,
        collects=len(collected),
        to_enter=len(collected - entered),
        owns=len(owned),
        to_confirm=len((owned & entered) - confirmed),
    )
