import copy
from decimal import Decimal
from fractions import Fraction

import pytest

from agreements.models import Outcome, Snapshot, Stage, State
from agreements.services import content as contents, outcomes, wholes
from agreements.services.outcomes import edges_of, is_near_edge, plans_missing, reasons_missing
from scoring.numbers import exact
from tests.factories import GRADES, GRADES_ON_TOTAL
from tests.guards import lifted
from tests.screening import assess_anew, member_of, screened_office
from tests.splits import bring_part, was_split
from tests.walks import bring_to, municipality, office

pytestmark = pytest.mark.django_db


# --- A grade's edge --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("score", "near"),
    [
        ("89.94", False), ("89.95", True), ("89.99", True), ("90.00", True), ("90.05", True), ("90.06", False),
        ("60.05", True), ("0.03", False), ("100.00", False), ("75.00", False),
    ],
)  # fmt: skip
def test_near_is_within_five_hundredths_of_an_edge_on_either_side(score, near):
    assert is_near_edge(exact(score), edges_of(GRADES)) is near


@pytest.mark.parametrize(
    ("total", "near"), [("4.4499", False), ("4.4500", True), ("4.5500", True), ("4.5501", False), ("0.0300", False)]
)
def test_where_grades_are_on_the_total_near_is_measured_on_the_total(total, near):
    assert is_near_edge(exact(total), edges_of(GRADES_ON_TOTAL)) is near


def test_no_binary_fraction_moves_an_edge():
    # The control: in floats the same difference is more than 0.05.
    assert abs(1.55 - 1.5) > 0.05
    assert is_near_edge(Fraction("1.55"), [Fraction("1.5")])


# --- What is kept ----------------------------------------------------------------------------------------------------
FIGURES = ("graded", "achievement", "self_achievement", "grade", "is_near_edge", "reasons_missing", "plans_missing")


def figures(outcome):
    return {name: getattr(outcome, name) for name in FIGURES}


def test_signing_an_assessment_keeps_what_it_came_to():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)

    outcome = Outcome.objects.get()

    signed = contents.signed_content(place.version, Stage.RESULT)
    assert (signed["scores"]["final"], signed["scores"]["achievement"]) == ("86.00", "80.00")
    assert figures(outcome) == {
        "graded": 86_0000, "achievement": 80_0000, "self_achievement": 80_0000, "grade": "ดีมาก",
        "is_near_edge": False, "reasons_missing": 0, "plans_missing": 0,
    }  # fmt: skip
    assert (outcome.version, outcome.is_current, outcome.before) == (place.version, True, None)


def test_an_office_is_graded_on_its_total():
    bring_to(municipality(releases_on_assessment=False), State.ASSESSED)

    outcome = Outcome.objects.get()

    signed = contents.read_snapshot(outcome.signature.snapshot)
    assert outcome.score == exact_decimal(signed["scores"]["total"])
    assert outcome.grade == signed["scores"]["grade"]


def exact_decimal(text):
    return Decimal(text)


def test_the_next_assessment_makes_the_next_outcome_and_changes_nothing_signed():
    place = screened_office()
    first = Outcome.objects.get()
    signed = list(Snapshot.objects.values_list("sha256", "content"))

    assess_anew(place, member_of(place))

    second = Outcome.objects.get(is_current=True)
    first.refresh_from_db()
    assert (second.before, first.is_current) == (first, False)
    assert (first.graded, second.graded) == (86_0000, 72_0000)
    assert (second.own - second.assessed, second.difference) == (20, -20)
    kept = dict(Snapshot.objects.values_list("sha256", "content"))
    assert {sha: kept[sha] for sha, _content in signed} == dict(signed)


def test_what_was_assessed_before_is_counted_once_as_it_would_have_been():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    kept = figures(Outcome.objects.get())
    with lifted():
        Outcome.objects.all().delete()

    outcomes.catch_up(place.round)
    outcomes.catch_up(place.round)

    assert [figures(one) for one in Outcome.objects.all()] == [kept]


def test_of_parts_the_merged_score_counts_also_where_it_was_not_counted_before():
    place = was_split(releases_on_assessment=False)
    for number in (1, 2):
        bring_part(place, number, State.ASSESSED, value=["80", "90"][number - 1])
    outcome = Outcome.objects.get()
    merged = wholes.whole_of(place.agreement).scores
    assert (outcome.score, outcome.grade) == (exact_decimal(merged["final"]), merged["grade"])
    assert (outcome.version.part.number, outcome.own) == (2, None)
    kept = figures(outcome)
    with lifted():
        Outcome.objects.all().delete()

    outcomes.catch_up(place.round)

    assert [figures(one) for one in Outcome.objects.all()] == [kept]


# --- What is missing -------------------------------------------------------------------------------------------------
def signed_content(value="50"):
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED, value=value)
    return copy.deepcopy(contents.signed_content(place.version, Stage.RESULT))


def test_another_score_without_a_reason_is_missing_one():
    content = signed_content("90")
    [code] = content["results"]
    assert reasons_missing(content) == 0

    content["scores"]["indicators"][0]["score"] = "3.0000"

    assert reasons_missing(content) == 1
    content["results"][code]["reason"] = "ตรวจหลักฐานแล้ว"
    assert reasons_missing(content) == 0


def test_a_low_score_and_a_gap_each_want_a_whole_row_of_the_plan():
    content = signed_content("50")
    assert (len(content["plan"]), plans_missing(content)) == (1, 0)

    content["plan"][0]["period"] = " "
    assert plans_missing(content) == 1
    content["competencies"][0]["observed"] = 1
    assert plans_missing(content) == 2
    # An office has no plan.
    assert plans_missing(content | {"organisation": {}}) == 0
