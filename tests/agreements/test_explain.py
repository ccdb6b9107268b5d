import re

import pytest
from django.utils import translation

from agreements import explain
from scoring import (
    FAULTS,
    RULES,
    WARNINGS,
    Fault,
    Refused,
    read_framework,
    read_indicator,
    read_result,
    score_indicator,
)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def gaps(sentence):
    return set(re.findall(r"%\((\w+)\)s", str(sentence)))


def test_every_rule_has_a_sentence():
    assert set(explain.STEPS) == set(RULES)


def test_every_fault_and_warning_has_a_sentence():
    assert set(explain.FAULTS) == set(FAULTS) | set(WARNINGS)


@pytest.mark.parametrize("rule", RULES)
def test_a_sentence_leaves_no_value_of_its_rule_out(rule):
    # Only what another value of the same sentence already says may be left out.
    assert set(RULES[rule]) - gaps(explain.STEPS[rule]) <= {"count", "expression"}
    assert gaps(explain.STEPS[rule]) <= set(RULES[rule])


@pytest.mark.parametrize("code", [*FAULTS, *WARNINGS])
def test_a_sentence_fills_with_the_parameters_of_its_fault(code):
    names = {**FAULTS, **WARNINGS}[code]
    params = tuple((name, "2013-03-20" if name in explain.DATES else f"[{name}]") for name in names)

    sentence = explain.explain_fault(Fault(code=code, place="indicators[3].criteria", params=params))

    assert sentence.startswith("indicators[3].criteria: ")
    assert "%" not in sentence


def test_interpolation_as_a_clerk_redoes_it():
    values = {
        "value": "50.25",
        "lower_level": "3",
        "lower": "49",
        "upper_level": "4",
        "upper": "51",
        "span": "1",
        "score": "3.6250",
    }

    sentence = explain.explain_step({"rule": "interpolation", "values": values})

    assert sentence == "Between level 3 (49) and level 4 (51): 3 + (50.25 − 49) ÷ (51 − 49) × 1 = 3.6250."


def test_dates_are_told_in_the_buddhist_era():
    values = {"submitted_on": "2013-03-22", "due": "2013-03-20", "days": "2"}

    sentence = explain.explain_step({"rule": "late", "values": values})

    assert sentence == "Sent on 22 มี.ค. 2556, due on 20 มี.ค. 2556: working days late: 2."


def test_a_per_cent_sign_survives():
    values = {
        "achievement": "82.5",
        "achievement_weight": "70",
        "competency": "86.66666667",
        "competency_weight": "30",
        "final": "83.75",
    }

    sentence = explain.explain_step({"rule": "final", "values": values})

    assert sentence == "Final score: 82.5 × 70% + 86.66666667 × 30% = 83.75."


def test_a_whole_trace_in_order():
    subject = read_indicator(
        {"code": "1", "title": "x", "weight": 10, "criteria": {"kind": "thresholds", "levels": {1: 1, 5: 5}}}
    )
    trace = score_indicator(subject, {"1": read_result({"value": 3}, subject)}).as_document()["trace"]

    assert explain.explain_trace(trace) == [
        "Measured value: 3.0000.",
        "Between level 1 (1) and level 5 (5): 1 + (3 − 1) ÷ (5 − 1) × 4 = 3.0000.",
        "Weighted score: 10 × 3 ÷ 100 = 0.3000.",
    ]


def framework(*indicators):
    return {
        "format": 1,
        "code": "x",
        "title": "x",
        "level": "province",
        "fiscal_year": 2556,
        "indicators": [
            {"code": str(number), "title": "x", "criteria": {"kind": "thresholds", "levels": levels}, **more}
            for number, (levels, more) in enumerate(indicators, start=1)
        ],
    }


PERCENT = framework(({1: 1, 2: 2, 3: 3, 4: 4, 5: 5}, {"unit": "ร้อยละ"}))
TARGETS = framework(*(({1: 45, 3: 49, 5: 53}, {"target": target}) for target in (49, 49, 51)))


@pytest.mark.parametrize(
    ("document", "language", "sentence"),
    [
        (
            PERCENT,
            "en",
            "indicators[0].criteria.levels: The unit is per cent, but the figures are 1, 2, 3, 4, 5. Is that meant?",
        ),
        (
            TARGETS,
            "en",
            "indicators[2].target: The target is 51, but level 3, the target elsewhere, is 49. Is that meant?",
        ),
        (PERCENT, "th", "indicators[0].criteria.levels: "),
        (TARGETS, "th", "indicators[2].target: "),
    ],
)
def test_what_looks_like_a_slip_is_told_with_its_place_in_both_languages(document, language, sentence):
    (found,) = read_framework(document).warnings

    with translation.override(language):
        told = explain.explain_fault(found)

    assert told == sentence if language == "en" else told.startswith(sentence)


def test_a_rule_of_another_version_is_still_told():
    document = {"rule": "older_rule", "values": {"score": "3.0000"}}

    assert explain.explain_step(document) == "Rule older_rule: score 3.0000."


def test_a_fault_says_place_wrong_and_allowed():
    with pytest.raises(Refused) as refusal:
        read_indicator(
            {"code": "1", "title": "x", "criteria": {"kind": "rubric", "levels": {7: "x"}}}, place="indicators[0]"
        )

    (found,) = refusal.value.faults
    assert explain.explain_fault(found) == (
        "indicators[0].criteria.levels.7: There is no level 7. Allowed: 1, 2, 3, 4, 5."
    )
