import datetime
from dataclasses import replace
from decimal import Decimal

import pytest

from agreements import actions
from agreements.models import Event, Party, Posting, Round, State
from agreements.services import agreements as services, content, results, round_rules
from agreements.services.round_rules import RoundRefused, Rules
from tests.factories import (
    GRADES,
    NOON,
    CompetencySetFactory,
    OrganisationFactory,
    RoleFactory,
    RoundFactory,
)
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db


def day(text):
    return datetime.date.fromisoformat(text)


# --- From the fiscal year --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, ("2025-10-01", "2026-03-31", "2025-10-30", "2026-03-31", "2026-04-15")),
        (2, ("2026-04-01", "2026-09-30", "2026-04-30", "2026-09-30", "2026-10-15")),
        (0, ("2025-10-01", "2026-09-30", "2025-10-30", "2026-09-30", "2026-10-15")),
    ],
)
def test_the_days_of_a_round_follow_from_the_fiscal_year(number, expected):
    found = round_rules.days_of(2569, number)

    days = (found.starts_on, found.ends_on, found.propose_by, found.report_by, found.assess_by)
    assert days == tuple(map(day, expected))


@pytest.mark.parametrize(
    ("today", "made", "expected"),
    [
        ("2025-11-20", [], (2569, 1)),
        ("2026-04-01", [], (2569, 2)),
        ("2025-11-20", [(2569, 1)], (2569, 2)),
        ("2026-08-01", [(2569, 2)], (2570, 1)),
        ("2025-11-20", [(2569, 1), (2569, 2)], (2570, 1)),
    ],
)
def test_the_round_that_is_proposed_is_the_next_that_is_missing(today, made, expected):
    place = OrganisationFactory()
    for year, number in made:
        RoundFactory(organisation=place, fiscal_year=year, number=number)

    assert round_rules.next_round(place, today=day(today)) == expected


# --- Grades ----------------------------------------------------------------------------------------------------------
def test_the_usual_grades_are_those_of_the_regulation():
    assert round_rules.grades_from(round_rules.GRADE_SETS["usual"][1]) == GRADES


def test_own_grades_are_read_line_by_line_in_thai_digits_too():
    text = "๙๕ ดีเด่น\n 85  ดีมาก \n\n62.50 ผ่าน\n0 ต้องปรับปรุง"

    found = round_rules.read_grades(text)

    assert [(grade["from"], grade["label"]) for grade in found] == [
        ("95", "ดีเด่น"), ("85", "ดีมาก"), ("62.5", "ผ่าน"), ("0", "ต้องปรับปรุง"),
    ]  # fmt: skip
    assert round_rules.read_grades(round_rules.written(found)) == found


@pytest.mark.parametrize(
    "text", ["", "90 ดีเด่น", "90 ดีเด่น\n60 ผ่าน", "60 ก\n90 ข\n0 ค", "90 ก\n90 ข\n0 ค", "ดีเด่น 90\n0 ค", "90\n0 ค",
             "101 ก\n0 ข", "-1 ก\n0 ข"]
)  # fmt: skip
def test_grades_that_leave_something_open_are_refused(text):
    with pytest.raises(RoundRefused):
        round_rules.read_grades(text)


# --- Making and changing ---------------------------------------------------------------------------------------------
def rules(**fields):
    days = {"starts_on": day("2025-10-01"), "ends_on": day("2026-03-31")}
    return Rules(**{"fiscal_year": 2569, "number": 1, "grades": GRADES} | days | fields)


def test_a_round_is_made_planned_with_all_its_rules_and_stands_in_the_log():
    place = OrganisationFactory()
    hr = RoleFactory(organisation=place).user
    everybody, managers = CompetencySetFactory(), CompetencySetFactory()
    wanted = rules(
        group_weights={"probation": ["50", "50"]}, competency_set=everybody, competency_sets={"อำนวยการ": managers}
    )

    made = round_rules.create(place, wanted, by=hr, at=NOON)

    made = Round.objects.get(pk=made.pk)
    assert (made.status, round_rules.rules_of(made)) == ("planned", wanted)
    event = Event.objects.get()
    assert (event.verb, event.office, event.actor) == ("round.made", place, hr)
    assert event.text.details["after"]["competency_sets"] == {"อำนวยการ": managers.code}


def test_a_round_is_made_by_the_hr_of_the_whole_office_alone():
    place = OrganisationFactory()
    below = OrganisationFactory(parent=place, kind="group")
    for user in (RoleFactory(organisation=below).user, RoleFactory(organisation=place, kind="auditor").user):
        with pytest.raises(actions.NotAllowed):
            round_rules.create(place, rules(), by=user, at=NOON)

    assert Round.objects.count() == 0


def test_the_same_round_is_not_made_twice():
    place = OrganisationFactory()
    hr = RoleFactory(organisation=place).user
    round_rules.create(place, rules(), by=hr, at=NOON)

    with pytest.raises(RoundRefused):
        round_rules.create(place, rules(), by=hr, at=NOON)
    other = round_rules.create(place, rules(number=2), by=hr, at=NOON)
    with pytest.raises(RoundRefused):
        round_rules.change(other, rules(), by=hr, at=NOON)


@pytest.mark.parametrize(
    "fields",
    [
        {"achievement_weight": Decimal(80)},
        {"group_weights": {"probation": ["50", "40"]}},
        {"achievement_weight": Decimal(130), "competency_weight": Decimal(-30)},
        {"ends_on": day("2025-09-30")},
        {"propose_by": day("2026-02-01"), "report_by": day("2026-01-01")},
        {"propose_by": day("2025-09-01")},
        {"grades": []},
    ],
)
def test_rules_that_do_not_fit_each_other_are_refused(fields):
    place = OrganisationFactory()

    with pytest.raises(RoundRefused):
        round_rules.create(place, rules(**fields), by=RoleFactory(organisation=place).user, at=NOON)


def test_rules_change_until_the_round_begins_and_then_hold():
    place = OrganisationFactory()
    hr = RoleFactory(organisation=place).user
    made = round_rules.create(place, rules(), by=hr, at=NOON)
    wanted = replace(rules(), least_indicators=6, competency_sets={"บริหาร": CompetencySetFactory()})

    round_rules.change(made, wanted, by=hr, at=NOON)
    Round.objects.update(status="open")
    with pytest.raises(RoundRefused):
        round_rules.change(made, rules(), by=hr, at=NOON)

    assert round_rules.rules_of(Round.objects.get()) == wanted
    assert [event.verb for event in Event.objects.order_by("number")] == ["round.made", "round.changed"]


# --- Weights by group ------------------------------------------------------------------------------------------------
def scored(place):
    book = results.open_book(place.version)
    scores = results.scores_of(book, "assessor")
    told = content.agreed_content(book)["round"]
    return scores.final, told["achievement_weight"], told["competency_weight"]


def test_on_probation_both_components_weigh_as_the_round_says_for_them():
    place = office(group_weights={"probation": ["50", "50"]})
    Posting.objects.filter(pk=place.posting.pk).update(personnel_group="civil_servant")
    other_posting = colleague(place)
    Party.objects.filter(version=other_posting.version, capacity="assessee").update(personnel_group="probation")
    for one in (place, other_posting):
        bring_to(one, State.ASSESSED, value="80")

    (usual, *told), (on_probation, *told_there) = scored(place), scored(other_posting)

    # Achievement 60 of 100 (level 3 of 5), competencies as expected 100.
    assert (usual, told) == (Decimal(60) * 70 / 100 + 30, ["70", "30"])
    assert (on_probation, told_there) == (Decimal(60) * 50 / 100 + 50, ["50", "50"])


def test_an_appointment_later_on_changes_nothing_of_the_agreement():
    place = office(group_weights={"probation": ["50", "50"]})
    place.posting.personnel_group = "probation"
    place.posting.save()
    following = RoundFactory(organisation=place.province, number=2, group_weights=place.round.group_weights)
    agreement = services.open_agreement(following, place.posting, by=place.assessee, at=NOON)
    version = agreement.parts.get().versions.get()
    assert results.weights_of(version) == (50, 50)

    Posting.objects.update(personnel_group="civil_servant")

    assert results.weights_of(version) == (50, 50)
    # One opened before the column was there has the weights for everybody.
    Party.objects.update(personnel_group="")
    assert results.weights_of(agreement.parts.get().versions.get()) == (70, 30)
