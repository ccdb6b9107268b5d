"""Indicators and results for the tables, as files write them."""

from scoring import Defaults, IndicatorScore, read_indicator, read_result, score_indicator

FIVE = (1, 2, 3, 4, 5)


def levels(*thresholds):
    """Thresholds for levels 1–5; '-' is a gap."""
    return {level: threshold for level, threshold in zip(FIVE, thresholds, strict=True) if threshold != "-"}


def thresholds(*values, **more):
    return {"kind": "thresholds", "levels": levels(*values), **more}


def indicator(criteria, *, code="1", weight="10", defaults=None, **more):
    document = {"code": code, "title": "ตัวชี้วัด", "weight": weight, "criteria": criteria, **more}
    return read_indicator(document, defaults=defaults or Defaults())


def score(subject, result, *, holidays=frozenset(), overrides=None) -> IndicatorScore:
    read = read_result(result, subject)
    return score_indicator(subject, {subject.code: read}, holidays=holidays, overrides=overrides)


def shown(subject, result, **more):
    """The displayed score."""
    return score(subject, result, **more).as_document()["score"]


def rules(found):
    return [step.rule for step in found.steps]


def codes(refusal):
    """(code, place) of every fault of a refusal."""
    return [(found.code, found.place) for found in refusal.value.faults]
