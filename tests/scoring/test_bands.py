from fractions import Fraction

import pytest

from scoring import Band, Bands, Refused
from tests.scoring.making import codes, indicator, rules, score, shown

SOURCE = {
    "kind": "bands",
    "levels": {
        1: {"up_to": 60, "label": "ต่ำกว่า 60"},
        2: {"up_to": 70, "label": "61-70"},
        3: {"up_to": 80, "label": "71-80"},
        4: {"up_to": 90, "label": "81-90"},
        5: {"up_to": 100, "label": "91-100"},
    },
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (60, "1.0000"),
        ("60.5", "2.0000"),
        (70, "2.0000"),
        ("70.5", "3.0000"),
        (100, "5.0000"),
        (0, "1.0000"),
        (101, "5.0000"),
    ],
)
def test_first_level_whose_bound_is_not_exceeded_s1_1_1(value, expected):
    assert shown(indicator(SOURCE), {"value": value}) == expected


def test_trace_prints_the_label_of_the_source():
    found = score(indicator(SOURCE), {"value": "60.5"})

    assert found.steps[1].as_document() == {
        "rule": "band",
        "values": {"value": "60.5", "bound": "70", "label": "61-70", "score": "2.0000"},
    }


def test_the_highest_band_may_be_open():
    criteria = {"kind": "bands", "levels": {1: {"up_to": 60}, 5: {}}}

    found = score(indicator(criteria), {"value": 61})

    assert rules(found)[1] == "band_above"
    assert found.score == 5


def test_levels_of_bands_rise_without_a_document_too():
    with pytest.raises(Refused) as refusal:
        Bands(bands=(Band(level=5, up_to=Fraction(60)), Band(level=1, up_to=Fraction(70))))

    assert codes(refusal) == [("levels_not_rising", "levels")]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({1: {"up_to": 60}}, [("too_few_levels", "criteria.levels")]),
        ({1: {"up_to": 60}, 2: {}, 3: {"up_to": 70}}, [("bound_missing", "criteria.levels.2.up_to")]),
        ({1: {"up_to": 60}, 2: {"up_to": 60}}, [("bounds_not_rising", "criteria.levels")]),
        ({1: {"up_to": 60}, 7: {"up_to": 70}}, [("level_outside_scale", "criteria.levels.7")]),
        ({1: {"upto": 60}, 2: {"up_to": 70}}, [("unknown_key", "criteria.levels.1.upto")]),
        ({1: 60, 2: {"up_to": 70}}, [("not_a_mapping", "criteria.levels.1")]),
    ],
)
def test_refused(levels, expected):
    with pytest.raises(Refused) as refusal:
        indicator({"kind": "bands", "levels": levels})

    assert codes(refusal) == expected
