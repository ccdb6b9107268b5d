"""What a unit above decided of a result for everyone: steps, or the score (001: the department judges step 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from scoring.criteria import Criteria
from scoring.document import Node, given, listed, open_list
from scoring.milestones import Milestones
from scoring.trace import Step, step

JUDGED_KEYS = ("by", "on", "steps", "done", "score")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Which unit decided on which day: the steps (and parts) it decides with those it found done, or the score."""

    by: str
    on: date
    steps: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()
    score: Fraction | None = None

    def steps_taken(self) -> tuple[Step, ...]:
        """Return what the trace says of the steps that were decided."""
        reached = [code for code in self.steps if code in self.done]
        missed = [code for code in self.steps if code not in self.done]
        found = []
        if reached:
            found.append(step("judged_done", codes=reached, unit=self.by, on=self.on))
        if missed:
            found.append(step("judged_not_done", codes=missed, unit=self.by, on=self.on))
        return tuple(found)


def decided_done(done: frozenset[str], judged: Sequence[Judged]) -> frozenset[str]:
    """Return `done` with the steps that were decided above as they were decided, whatever was reported of them."""
    for one in judged:
        done = (done - frozenset(one.steps)) | one.done
    return done


def score_above(judged: Sequence[Judged]) -> Judged | None:
    """Return the decision that is a score, if one is."""
    return next((one for one in judged if one.score is not None), None)


def read_judged(node: Node, criteria: Criteria | None) -> tuple[Judged, ...]:
    """Return what was decided of the result `node`, noting what is wrong with it."""
    found = (_judged(inner, criteria) for inner in node.nodes("judged", JUDGED_KEYS))
    return tuple(one for one in found if one is not None)


def _judged(node: Node, criteria: Criteria | None) -> Judged | None:
    node.require("by", "on")
    on, score = node.day("on"), node.amount("score")
    if node.has("steps") == node.has("score"):
        node.faults.add("judged_steps_or_score", node.place)
    known = criteria.codes if isinstance(criteria, Milestones) else ()
    steps = _codes(node, "steps", known)
    done = _codes(node, "done", steps)
    by = node.text("by")
    return Judged(by=by, on=on, steps=steps, done=frozenset(done), score=score) if on is not None else None


def _codes(node: Node, key: str, known: Sequence[str]) -> tuple[str, ...]:
    found = []
    for place, value in open_list(node.content.get(key) or [], node.at(key), node.faults):
        if not isinstance(value, str) or value not in known:
            node.faults.add("unknown_step", place, given=given(value), allowed=listed(known))
        else:
            found.append(value)
    return tuple(found)
