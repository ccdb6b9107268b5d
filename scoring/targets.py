"""Targets that look like slips: printed beside the criteria, they nearly always equal the middle level."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from scoring.document import Node
from scoring.faults import Fault, fault, join
from scoring.indicator import Indicator
from scoring.numbers import NotExact, canonical, exact
from scoring.scale import Scale
from scoring.thresholds import Thresholds

Aim = tuple[str, Fraction, Fraction]


def target_warnings(node: Node, indicators: Sequence[Indicator], scale: Scale) -> tuple[Fault, ...]:
    """Return a warning for the target that is not the middle level (3 of 1–5) where all the others are."""
    if len(scale.levels) % 2 == 0:
        return ()
    middle = scale.levels[len(scale.levels) // 2]
    aims = list(_aims(node, indicators, middle))
    off = [aim for aim in aims if aim[1] != aim[2]]
    if len(off) != 1 or len(aims) < 2:
        return ()
    ((place, target, threshold),) = off
    shown = {"given": canonical(target), "level": middle, "threshold": canonical(threshold)}
    return (fault("target_off_level", place, **shown),)


def _aims(node: Node, indicators: Sequence[Indicator], middle: int) -> Iterator[Aim]:
    """Yield place, target and middle threshold of each indicator that has both as figures."""
    known = {indicator.code: indicator for top in indicators for indicator in top.flatten()}
    for document, place in _documents(node.items("indicators")):
        criteria = known[str(document["code"])].criteria
        target = _figure(document.get("target"))
        threshold = dict(criteria.levels).get(middle) if isinstance(criteria, Thresholds) else None
        if target is not None and threshold is not None:
            yield join(place, "target"), target, threshold


def _documents(entries: Sequence[tuple[str, object]]) -> Iterator[tuple[Mapping[str, object], str]]:
    for place, document in entries:
        if isinstance(document, Mapping):
            yield document, place
            children = document.get("children")
            below = children if isinstance(children, list | tuple) else ()
            yield from _documents([(join(join(place, "children"), at), child) for at, child in enumerate(below)])


def _figure(target: object) -> Fraction | None:
    try:
        return exact(target)
    except NotExact:
        # A source may print words, or nothing.
        return None
