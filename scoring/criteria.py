"""All kinds of criteria together, and how they are written back."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring.bands import Bands
from scoring.classed import Classed, ClassOfBase
from scoring.milestones import Milestone, Milestones, Part, Penalty
from scoring.numbers import canonical
from scoring.rubric import Rubric
from scoring.thresholds import Point, Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Criteria that the source has not given yet: shown, not scored (scoring-rules G10)."""

    labels: tuple[tuple[int, str], ...] = ()


Criteria = Thresholds | Bands | Rubric | Milestones | Classed | Open

Document = dict[str, object]


def kind_of(criteria: Criteria) -> str:
    """Return the name of the kind, as files write it."""
    return {
        Thresholds: "thresholds",
        Bands: "bands",
        Rubric: "rubric",
        Milestones: "milestones",
        Classed: "classed",
        Open: "open",
    }[type(criteria)]


def write_criteria(criteria: Criteria) -> Document:
    """Return `criteria` as JSON can hold it; reading that again gives the same criteria."""
    match criteria:
        case Thresholds():
            body = _thresholds(criteria)
        case Bands():
            body = {"levels": {str(band.level): _band(band.up_to, band.label) for band in criteria.bands}}
        case Rubric() | Open():
            key = "levels" if isinstance(criteria, Rubric) else "labels"
            body = _present({key: _texts(criteria.levels if isinstance(criteria, Rubric) else criteria.labels)})
        case Milestones():
            body = _milestones(criteria)
        case Classed():
            body = _classed(criteria)
    return {"kind": kind_of(criteria), **body}


def _present(document: Document) -> Document:
    return {key: value for key, value in document.items() if value not in (None, "", {}, [])}


def _texts(pairs: Sequence[tuple[int, str]]) -> Document:
    return {str(level): text for level, text in pairs}


def _points(levels: Sequence[Point]) -> Document:
    return {str(level): canonical(threshold) for level, threshold in levels}


def _amount(number: Fraction | None) -> str | None:
    return None if number is None else canonical(number)


def _thresholds(criteria: Thresholds) -> Document:
    document: Document = {
        "levels": _points(criteria.levels),
        "labels": _texts(criteria.labels),
        "between": criteria.between,
        "below_level_1": criteria.below_level_1,
    }
    return _present(document)


def _band(up_to: Fraction | None, label: str) -> Document:
    return _present({"up_to": _amount(up_to), "label": label})


def _milestones(criteria: Milestones) -> Document:
    document: Document = {
        "steps": [_milestone(one) for one in criteria.steps],
        "faults": [_penalty(one) for one in criteria.faults],
        "faults_open": criteria.faults_open or None,
    }
    return _present(document)


def _milestone(one: Milestone) -> Document:
    parts = [_part(part) for part in one.parts]
    return _present({"level": one.level, "title": one.title, "judged_by": one.judged_by, "parts": parts})


def _part(part: Part) -> Document:
    return _present({"code": part.code, "title": part.title, "deduction": _amount(part.deduction)})


def _penalty(one: Penalty) -> Document:
    return _present(
        {
            "code": one.code,
            "title": one.title,
            "points": _amount(one.points),
            "at_step": one.at_step,
            "most": one.most,
        }
    )


def _classed(criteria: Classed) -> Document:
    base = {"label": criteria.base_label, "unit": criteria.base_unit, "variable": criteria.base_variable}
    return {
        "base": _present({**base}),
        "classes": [_class(one) for one in criteria.classes],
        "between": criteria.between,
        "below_level_1": criteria.below_level_1,
    }


def _class(one: ClassOfBase) -> Document:
    return _present({"code": one.code, "up_to": _amount(one.up_to), "label": one.label, "levels": _points(one.levels)})
