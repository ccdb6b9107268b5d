import json
from fractions import Fraction

import pytest

from scoring import FAULTS, RULES, WARNINGS, Fault, fault, step
from tests.scoring.making import indicator, score, thresholds

RATIO = {"kind": "formula", "expression": "part / whole * 100", "variables": {"part": {}, "whole": {}}}


def test_a_late_result_can_be_redone_by_hand():
    subject = indicator(
        thresholds(60, 70, 80, 90, 100),
        code="4",
        measure=RATIO,
        lateness={"due": "2013-03-20", "per_working_day": "0.25", "cutoff": "2013-03-26"},
    )

    found = score(subject, {"variables": {"part": 88, "whole": 98}, "submitted_on": "2013-03-22"})

    assert json.loads(json.dumps(found.as_document())) == {
        "code": "4",
        "status": "scored",
        "value": "89.7959",
        "score": "3.4796",
        "weight": "10",
        "weighted": "0.3480",
        "trace": [
            {
                "rule": "measured_formula",
                "values": {"expression": "part / whole * 100", "filled": "88 ÷ 98 × 100", "value": "89.7959"},
            },
            {
                "rule": "interpolation",
                "values": {
                    "value": "89.79591837",
                    "lower_level": "3",
                    "lower": "80",
                    "upper_level": "4",
                    "upper": "90",
                    "span": "1",
                    "score": "3.9796",
                },
            },
            {"rule": "late", "values": {"submitted_on": "2013-03-22", "due": "2013-03-20", "days": "2"}},
            {
                "rule": "late_points",
                "values": {"score": "3.97959184", "days": "2", "each": "0.25", "points": "0.5", "result": "3.4796"},
            },
            {"rule": "weighted", "values": {"weight": "10", "score": "3.47959184", "weighted": "0.3480"}},
        ],
    }


def test_a_step_has_the_values_of_its_rule_and_no_others():
    with pytest.raises(ValueError, match="not a rule"):
        step("weightless", x="1")
    with pytest.raises(ValueError, match="not a rule"):
        step("below_zero", value=Fraction(1))
    with pytest.raises(ValueError, match="not a rule"):
        step("unheard_of")


def test_a_fault_has_the_parameters_of_its_code_and_no_others():
    with pytest.raises(ValueError, match="not a fault"):
        fault("missing", "x", given="1")
    with pytest.raises(ValueError, match="not a fault"):
        Fault(code="unheard_of")


def test_registries_share_no_code():
    assert not set(FAULTS) & set(WARNINGS)
    assert len(RULES) > 50
