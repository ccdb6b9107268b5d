import json

import pytest

from scoring import read_indicator, read_result, score_indicator
from tests.scoring import golden
from tests.scoring.redo import redo, same

CASES = [json.loads(line) for line in golden.FILE.read_text(encoding="utf-8").splitlines()]


def name_of(case):
    return f"{case['source']} {json.dumps(case['result'], ensure_ascii=False)}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_digits_are_those_of_the_file(case):
    assert golden.scored(case["indicator"], case["result"]) == case["expected"]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_second_evaluator_arrives_at_the_digits_of_the_file(case):
    subject = read_indicator({"code": "1", "title": "ตัวชี้วัด", "weight": 10, **case["indicator"]})
    results = {"1": read_result(case["result"], subject)}
    trace = score_indicator(subject, results, holidays=golden.HOLIDAYS).as_document()["trace"]

    redone = redo(trace, holidays=golden.HOLIDAYS)

    if case["expected"]["score"] is None:
        assert redone.score is None
    else:
        same(case["expected"]["score"], redone.score, "score")


def test_the_file_holds_the_cases_of_the_sources_and_no_others():
    kept = [[case["source"], case["indicator"], case["result"]] for case in CASES]

    assert kept == json.loads(json.dumps(list(golden.cases())))
    assert len(kept) > 300
