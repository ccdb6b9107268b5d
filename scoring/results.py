"""What was reported of an indicator, and the score an assessor sets instead of the calculated one."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from scoring.judged import Judged
from scoring.trace import Step

#: Times by fault code, by item code: one occurrence of a checklist.
Occurrence = tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was reported, as read and checked by `read_result`; empty means not reported, which 0 does not."""

    value: Fraction | None = None
    variables: tuple[tuple[str, Fraction], ...] | None = None
    values: tuple[Fraction, ...] | None = None
    occurrences: tuple[Occurrence, ...] | None = None
    level: int | None = None
    done: frozenset[str] | None = None
    faults: tuple[tuple[str, int], ...] = ()
    base: Fraction | None = None
    submitted_on: date | None = None
    late_items: int | None = None
    cancelled: str | None = None
    # Where the value or the variables were gathered from those below: the steps that led to them.
    gathered: tuple[Step, ...] = ()
    # What units above decided of it.
    judged: tuple[Judged, ...] = ()

    @property
    def is_reported(self) -> bool:
        """Return whether anything to score was reported; 0 and an empty list of done steps are."""
        return (
            self.value is not None
            or self.variables is not None
            or self.level is not None
            or self.done is not None
            or self.values is not None
            or self.occurrences is not None
            or self.base is not None
        )


NOT_REPORTED = Result()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetScore:
    """The score (0 to the highest level, at most 2 places) that an assessor sets, with a reason."""

    score: Fraction
    reason: str
