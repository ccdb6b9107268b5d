from datetime import date

import pytest
from django.urls import reverse
from holidays import country_holidays

from agreements import actions
from agreements.models import Agreement, Event, Holiday, State
from agreements.services import deadlines, holiday_drafts, holidays, results, working_days
from tests.factories import NOON, OrganisationFactory, RoleFactory
from tests.walks import bring_to, choose_all, office, sign

pytestmark = pytest.mark.django_db

THURSDAY, FRIDAY, MONDAY = date(2013, 2, 14), date(2013, 2, 15), date(2013, 2, 18)
SONGKRAN = date(2013, 4, 15)


def in_tree():
    """Return a department, a province below it with its HR, and a group below that."""
    department = OrganisationFactory(kind="department")
    province = OrganisationFactory(parent=department)
    group = OrganisationFactory(parent=province, kind="group")
    return department, province, group, RoleFactory(organisation=province).user


def days(found):
    return [(one.day.isoformat(), one.name) for one in found]


# --- Which days ------------------------------------------------------------------------------------------------------
def test_what_is_above_holds_below_and_not_beside():
    department, province, group, _hr = in_tree()
    beside = OrganisationFactory(parent=department)
    for place, day in ((department, THURSDAY), (province, FRIDAY), (group, MONDAY), (beside, SONGKRAN)):
        Holiday.objects.create(organisation=place, day=day, name="หยุด")

    assert working_days.holidays_of(group) == {THURSDAY, FRIDAY, MONDAY}
    assert working_days.holidays_of(province) == {THURSDAY, FRIDAY}
    assert working_days.holidays_of(department) == {THURSDAY}
    below = working_days.read_below([province.path])
    assert [below.at(place.path) for place in (province, group)] == [{THURSDAY, FRIDAY}, {THURSDAY, FRIDAY, MONDAY}]


@pytest.mark.parametrize("places", [1, 3])
def test_the_holidays_of_many_offices_are_one_question(django_assert_num_queries, places):
    department, *_others = in_tree()
    found = [OrganisationFactory(parent=department) for _ in range(places)]
    for place in found:
        Holiday.objects.create(organisation=place, day=FRIDAY, name="หยุด")

    with django_assert_num_queries(1):
        read = working_days.read(place.path for place in found)
        assert {read.at(place.path) for place in found} == {frozenset({FRIDAY})}
    with django_assert_num_queries(1):
        assert working_days.read_below([department.path]).at(found[0].path) == {FRIDAY}


def test_deadlines_and_lateness_go_by_the_table_of_the_agreements_own_unit():
    place = office(report_by=FRIDAY)
    choose_all(place)
    item = place.version.items.get()
    item.definition = item.definition | {"lateness": {"due": "2013-02-14", "per_working_day": "1"}}
    item.save()
    bring_to_agreed(place)
    results.enter(
        place.version, results.open_book(place.version).leaves[0], late_inputs(), note="", by=place.assessee, at=NOON
    )
    before = score_of(place), deadlines.read([place.round]).due(place.agreement, "report").day

    Holiday.objects.create(organisation=place.unit, day=FRIDAY, name="วันหยุดของหน่วยงาน")

    after = score_of(place), deadlines.read([place.round]).due(place.agreement, "report").day
    assert (before, after) == (("2.0000", FRIDAY), ("3.0000", MONDAY))


def late_inputs():
    return {"value": "90", "submitted_on": "2013-02-18"}


def bring_to_agreed(place):
    sign(place, actions.PROPOSE, place.assessee)
    sign(place, actions.AGREE, place.assessor)


def score_of(place, side="self"):
    book = results.open_book(place.version)
    return results.scores_of(book, side).as_document()["indicators"][0]["score"]


def test_a_change_of_the_table_moves_no_score_that_was_signed(client):
    place = office(releases_on_assessment=False)
    choose_all(place)
    item = place.version.items.get()
    item.definition = item.definition | {"lateness": {"due": "2013-02-14", "per_working_day": "1"}}
    item.save()
    bring_to_agreed(place)
    leaf = results.open_book(place.version).leaves[0]
    results.enter(place.version, leaf, late_inputs(), note="", by=place.assessee, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)
    bring_to(place, State.ASSESSED)
    client.force_login(place.assessor)
    page = reverse("agreements:agreement", args=[place.agreement.pk])
    assert "2.0000" in client.get(page).content.decode()

    holidays.add(place.province, FRIDAY, "วันหยุดพิเศษ", by=place.hr, at=NOON)

    # The control: counted anew, it would be another score.
    assert score_of(place, "assessor") == "3.0000"
    shown = client.get(page).content.decode()
    assert ("2.0000" in shown, "3.0000" in shown) == (True, False)
    assert results.open_book(place.version).result(leaf).outcome["score"] == "2.0000"


# --- Writing ---------------------------------------------------------------------------------------------------------
def test_a_day_is_added_mended_and_removed_and_each_is_in_the_log():
    _department, province, _group, hr = in_tree()

    made = holidays.add(province, FRIDAY, " วันหยุดพิเศษ ", by=hr, at=NOON)
    holidays.mend(made, day=MONDAY, name="วันหยุดจังหวัด", by=hr, at=NOON)
    assert days(Holiday.objects.all()) == [("2013-02-18", "วันหยุดจังหวัด")]
    holidays.remove(Holiday.objects.get(), by=hr, at=NOON)

    assert not Holiday.objects.exists()
    first = {"day": "2013-02-15", "name": "วันหยุดพิเศษ"}
    second = {"day": "2013-02-18", "name": "วันหยุดจังหวัด"}
    assert [(event.verb, event.text.details) for event in Event.objects.order_by("number")] == [
        ("holiday.added", {"place": province.code, **first}),
        ("holiday.changed", {"place": province.code, "before": first, "after": second}),
        ("holiday.removed", {"place": province.code, **second}),
    ]


def test_saving_what_stands_there_is_no_act():
    _department, province, _group, hr = in_tree()
    made = Holiday.objects.create(organisation=province, day=FRIDAY, name="หยุด")

    holidays.mend(made, day=FRIDAY, name="หยุด", by=hr, at=NOON)

    assert not Event.objects.exists()


@pytest.mark.parametrize("above", [True, False])
def test_a_day_that_is_a_holiday_already_is_refused_with_its_name(above):
    department, province, _group, hr = in_tree()
    where = department if above else province
    Holiday.objects.create(organisation=where, day=FRIDAY, name="วันมาฆบูชา")
    other = Holiday.objects.create(organisation=province, day=MONDAY, name="หยุด")

    for act in (
        lambda: holidays.add(province, FRIDAY, "อื่น", by=hr, at=NOON),
        lambda: holidays.mend(other, day=FRIDAY, name="อื่น", by=hr, at=NOON),
    ):
        with pytest.raises(holidays.HolidayRefused, match=f"วันมาฆบูชา.*{where.name}"):
            act()
    assert len(days(Holiday.objects.all())) == 2


def test_a_holiday_has_a_name():
    _department, province, _group, hr = in_tree()

    with pytest.raises(holidays.HolidayRefused):
        holidays.add(province, FRIDAY, "  ", by=hr, at=NOON)


def test_only_hr_of_the_office_or_above_writes_its_table(monkeypatch):
    department, province, group, hr = in_tree()
    below = RoleFactory(organisation=group).user
    held = Holiday.objects.create(organisation=department, day=FRIDAY, name="หยุด")

    def acts(by):
        return (
            lambda: holidays.add(province, MONDAY, "หยุด", by=by, at=NOON),
            lambda: holidays.take_draft(province, 2556, [SONGKRAN], ploughing=None, by=by, at=NOON),
            lambda: holidays.remove(held, by=by, at=NOON),
            lambda: holidays.mend(held, day=MONDAY, name="อื่น", by=by, at=NOON),
        )

    for act in (*acts(below), *acts(hr)[2:]):
        with pytest.raises(actions.NotAllowed):
            act()
    assert days(Holiday.objects.all()) == [("2013-02-15", "หยุด")]
    # The control: without the guard, HR of a group writes the table of the whole department.
    monkeypatch.setattr(deadlines, "is_hr_over", lambda user, place: True)
    acts(below)[2]()
    assert not Holiday.objects.exists()


# --- The draft -------------------------------------------------------------------------------------------------------
def test_the_draft_of_2556_is_what_the_fixture_says_but_for_what_the_cabinet_called_otherwise():
    first, last = holidays.year_of(2556)
    suggested = {one.day for one in holiday_drafts.suggested(first, last)}
    fixture = {date.fromisoformat(day) for day in FIXTURE}

    assert (first, last) == (date(2012, 10, 1), date(2013, 9, 30))
    assert suggested == fixture


FIXTURE = [
    "2012-10-23", "2012-12-05", "2012-12-10", "2012-12-31", "2013-01-01", "2013-02-25", "2013-04-06", "2013-04-08",
    "2013-04-13", "2013-04-14", "2013-04-15", "2013-04-16", "2013-05-05", "2013-05-06", "2013-05-13", "2013-05-24",
    "2013-07-22", "2013-07-23", "2013-08-12",
]  # fmt: skip


@pytest.mark.parametrize("fiscal_year", range(2556, 2577))
def test_no_draft_has_labour_day_or_childrens_day_and_every_other_public_holiday_is_there(fiscal_year):
    first, last = holidays.year_of(fiscal_year)
    suggested = {one.day: one.name for one in holiday_drafts.suggested(first, last)}
    public = country_holidays("TH", years=[first.year, last.year], language="th")

    assert not [name for name in suggested.values() if "แรงงาน" in name or "วันเด็ก" in name]
    left_out = {day for day in public if first <= day <= last} - suggested.keys()
    assert {public[day].removeprefix("ชดเชย") for day in left_out} <= {"วันแรงงานแห่งชาติ", "วันเด็กแห่งชาติ"}
    assert len([day for day in left_out if not public[day].startswith("ชดเชย")]) == 2


def test_ploughing_is_suggested_where_its_day_is_known_and_extra_days_stand_apart():
    first, last = holidays.year_of(2568)
    known = holiday_drafts.suggested(first, last)

    assert [one.day.isoformat() for one in known if one.is_ploughing] == ["2025-05-09"]
    assert [one.day.isoformat() for one in known if one.is_extra] == ["2024-12-30", "2025-06-02", "2025-08-11"]
    first, last = holidays.year_of(2570)
    assert not [one for one in holiday_drafts.suggested(first, last) if one.is_ploughing]


def test_the_draft_adds_what_was_chosen_and_overwrites_nothing():
    department, province, _group, hr = in_tree()
    Holiday.objects.create(organisation=department, day=date(2013, 4, 6), name="วันจักรีของกรม")
    Holiday.objects.create(organisation=province, day=SONGKRAN, name="สงกรานต์ของเรา")
    standing = {one.suggestion.day: one.standing for one in holidays.draft(province, 2556)}
    assert {day.isoformat(): held.name for day, held in standing.items() if held} == {
        "2013-04-06": "วันจักรีของกรม",
        "2013-04-15": "สงกรานต์ของเรา",
    }

    made = holidays.take_draft(
        province,
        2556,
        [date(2013, 4, 6), SONGKRAN, date(2013, 4, 8), date(2013, 1, 1), date(2013, 3, 3)],
        ploughing=None,
        by=hr,
        at=NOON,
    )

    assert days(made) == [("2013-01-01", "วันขึ้นปีใหม่"), ("2013-04-08", "ชดเชยวันจักรี")]
    assert days(Holiday.objects.filter(day=SONGKRAN)) == [("2013-04-15", "สงกรานต์ของเรา")]
    assert Holiday.objects.count() == 4
    event = Event.objects.get()
    assert (event.verb, event.text.details["fiscal_year"], len(event.text.details["days"])) == (
        "holiday.drafted",
        2556,
        2,
    )


def test_the_day_of_the_ceremony_is_entered_where_nobody_knows_it():
    _department, province, _group, hr = in_tree()

    with pytest.raises(holidays.HolidayRefused):
        holidays.take_draft(province, 2570, [], ploughing=date(2026, 5, 12), by=hr, at=NOON)
    made = holidays.take_draft(province, 2570, [], ploughing=date(2027, 5, 12), by=hr, at=NOON)

    assert days(made) == [("2027-05-12", "วันพืชมงคล")]


def test_a_draft_with_nothing_to_add_is_refused():
    _department, province, _group, hr = in_tree()
    Holiday.objects.create(organisation=province, day=SONGKRAN, name="หยุด")

    with pytest.raises(holidays.HolidayRefused):
        holidays.take_draft(province, 2556, [SONGKRAN], ploughing=None, by=hr, at=NOON)
    assert not Event.objects.exists()


def test_open_agreements_are_counted_with_those_that_are_timed():
    place = office()
    choose_all(place)
    assert holidays.counted_by(place.province) == (1, 0)
    item = place.version.items.get()
    item.definition = item.definition | {"lateness": {"due": "2013-02-14", "per_working_day": "1"}}
    item.save()

    assert holidays.counted_by(place.province) == (1, 1)
    assert holidays.counted_by(OrganisationFactory()) == (0, 0)
    Agreement.objects.update(state=State.ASSESSED)
    assert holidays.counted_by(place.province) == (0, 0)
