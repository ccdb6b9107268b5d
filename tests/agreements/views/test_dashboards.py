import datetime
import io
import re
from fractions import Fraction

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Role, State
from agreements.services import small_cells
from tests.dashboards import led, scored
from tests.factories import FrameworkFactory, IndicatorFactory, OrganisationFactory, RoleFactory, RoundFactory
from tests.guards import lifted
from tests.walks import bring_to, municipality, office

pytestmark = pytest.mark.django_db


def page(client, user, name="agreements:dashboards", *args, **asked):
    client.force_login(user)
    return client.get(reverse(name, args=args), asked, headers={"accept-language": "en"})


def board(client, user, **asked):
    return page(client, user, **asked).context["board"]


def means(found):
    """Return what is shown of each indicator: its mean, and those of the units; None where it is kept back."""
    names = {unit.key: unit.organisation.name for unit in found.units}
    return {
        row.indicator.code: (
            row.cell.mean,
            {names[key]: cell.mean for key, cell in row.by_unit.items() if key in names},
        )
        for row in found.rows
    }


def filled(**fields):
    """Return a province with two units of three people each."""
    place = led(**fields)
    for first, second in (("5", "1"), ("4.1235", "2"), ("3", "not_reported")):
        scored(place, place.units[0], first, second)
    for first, second in (("1", "5"), ("2", "cancelled"), ("2.5", "3.3333")):
        scored(place, place.units[1], first, second)
    return place


# --- The figures -----------------------------------------------------------------------------------------------------
def test_averages_are_exact_means_of_the_scores_that_were_signed(client):
    place = filled()

    found = board(client, place.hr)

    assert means(found) == {
        "1": (
            Fraction("17.6235") / 6,
            {"กลุ่มงานที่ 1": Fraction("12.1235") / 3, "กลุ่มงานที่ 2": Fraction("5.5") / 3},
        ),
        # What was not reported counts 0, what was cancelled does not count.
        "2": (Fraction("11.3333") / 5, {"กลุ่มงานที่ 1": Fraction(3) / 3, "กลุ่มงานที่ 2": Fraction("8.3333") / 2}),
    }
    assert [row.cell.sum.bands for row in found.rows] == [(0, 1, 2, 1, 1, 1), (1, 1, 1, 1, 0, 1)]
    assert [row.cell.light for row in found.rows] == ["near", "behind"]
    assert found.cell.mean == Fraction("28.9568") / 11


def test_best_and_worst_are_the_units_with_the_highest_and_the_lowest_average(client):
    found = board(client, filled().hr)

    named = [(row.best.organisation.name, row.worst.organisation.name) for row in found.rows]
    assert named == [("กลุ่มงานที่ 1", "กลุ่มงานที่ 2"), ("กลุ่มงานที่ 2", "กลุ่มงานที่ 1")]


def test_what_the_services_signed_is_what_is_averaged(client):
    place = bring_to(office(), State.RELEASED, value="85")
    row = board(client, place.hr).rows[0]

    # 85 lies half-way between level 3 (80) and level 4 (90).
    assert (row.cell.mean, row.cell.sum.results) == (Fraction("3.5"), 1)


@pytest.mark.parametrize("state", ["draft", "agreed", "reported", "assessed"])
def test_what_was_not_released_is_in_no_figure(client, state):
    place = filled()
    scored(place, place.units[0], "1", "1", state=state)

    assert board(client, place.hr).cell.sum.results == 11


def test_an_agreement_that_ended_after_its_release_counts(client):
    place = filled()
    ended = {"ended_because": "resigned", "ended_reason": "ลาออก"}
    scored(place, place.units[0], "1", "1", state="ended", ended_from="released", **ended)
    scored(place, place.units[0], "1", "1", state="ended", ended_from="assessed", **ended)

    assert board(client, place.hr).cell.sum.results == 13


def test_a_unit_holds_all_below_it_and_can_be_turned_to(client):
    place = filled()
    below = OrganisationFactory(parent=place.units[0], kind="group", name="งานย่อย")
    scored(place, below, "2", "2")

    whole = board(client, place.hr)
    inner = board(client, place.hr, unit=place.units[0].pk)

    assert [(one.organisation.name, one.cell.sum.results) for one in whole.units] == [
        ("กลุ่มงานที่ 1", 8), ("กลุ่มงานที่ 2", 5),
    ]  # fmt: skip
    assert [(one.organisation.name, one.is_own, one.cell.sum.results) for one in inner.units] == [
        ("กลุ่มงานที่ 1", True, 6), ("งานย่อย", False, 2),
    ]  # fmt: skip


def test_the_dimension_and_the_group_of_personnel_narrow(client):
    place = filled()
    with lifted():
        dimension = place.framework.dimensions.create(code="d", title="มิติที่ 1", order=1)
        place.indicators[0].dimension = dimension
        place.indicators[0].save()
    scored(place, place.units[0], "5", "5", group="probation")

    narrowed = board(client, place.hr, dimension=dimension.pk)
    probation = board(client, place.hr, group="probation")

    assert [row.indicator.code for row in narrowed.rows] == ["1"]
    assert (probation.cell.mean, probation.cell.sum.results) == (5, 2)


def test_frameworks_of_one_round_are_told_apart(client):
    place = filled()
    other = FrameworkFactory(organisation=place.province, title="กรอบอีกฉบับ")
    indicator = IndicatorFactory(framework=other)
    scored(place, place.units[0], "2.5", indicators=[indicator])

    first = board(client, place.hr, framework=place.framework.pk)
    second = board(client, place.hr, framework=other.pk)

    assert (first.cell.sum.results, second.cell.sum.results, second.cell.mean) == (11, 1, Fraction("2.5"))


def test_rounds_before_make_the_trend_matched_by_title_then_by_code(client):
    place = filled()
    before = RoundFactory(
        organisation=place.province,
        fiscal_year=2555,
        number=2,
        starts_on=datetime.date(2012, 4, 1),
        ends_on=datetime.date(2012, 9, 30),
    )
    last_year = FrameworkFactory(organisation=place.province, fiscal_year=2555)
    with lifted():
        place.framework.begun_from = last_year
        place.framework.save()
    # The first indicator was number 9 last year; number 2 had another wording.
    old = [
        IndicatorFactory(framework=last_year, code="9", title=place.indicators[0].title),
        IndicatorFactory(framework=last_year, code="2", title="ชื่อเดิม"),
    ]
    for _person in range(3):
        scored(place, place.units[0], "4", "2", round_=before, indicators=old)

    rows = board(client, place.executive, round=place.round.pk).rows

    assert [[(round_.fiscal_year, cell.mean) for round_, cell in row.trend] for row in rows] == [
        [(2555, 4), (2556, Fraction("17.6235") / 6)],
        [(2555, 2), (2556, Fraction("11.3333") / 5)],
    ]


def test_where_the_round_grades_the_scale_the_average_has_a_grade(client):
    place = bring_to(municipality(), State.RELEASED)
    executive = RoleFactory(organisation=place.province, kind=Role.Kind.EXECUTIVE).user

    cell = board(client, executive).rows[0].cell

    assert (cell.mean, cell.grade.label) == (4, "ผ่าน ดี")


# --- Who sees what ---------------------------------------------------------------------------------------------------
def test_an_executive_of_another_office_sees_nothing(client):
    place, other = filled(), led()

    assert page(client, other.executive).context["asked"] is None
    for asked in ({"round": place.round.pk}, {"unit": place.units[0].pk}, {"round": "x"}, {"unit": "9" * 30}):
        assert page(client, other.executive, **asked).status_code == 404
    name = "agreements:dashboard-indicator"
    assert page(client, other.executive, name, place.indicators[0].pk).status_code == 404
    # The control: their own office's.
    assert page(client, place.executive, name, place.indicators[0].pk, round=place.round.pk).status_code == 200


def test_an_executive_of_a_unit_sees_that_unit_alone(client):
    place = filled()
    inner = RoleFactory(organisation=place.units[0], kind=Role.Kind.EXECUTIVE).user

    assert board(client, inner).cell.sum.results == 6
    assert page(client, inner, unit=place.province.pk).status_code == 404
    assert page(client, inner, unit=place.units[1].pk).status_code == 404


@pytest.mark.parametrize("name", ["agreements:dashboards", "reports:dashboard-workbook", "reports:dashboard-pdf"])
def test_whoever_follows_no_office_has_no_dashboard(client, name):
    place = filled()

    assert page(client, place.people[0].person, name).status_code == 404


def few():
    """Return a province in one of whose units a single person has a result."""
    place = led(units=3, indicators=1)
    for unit, score in ((0, "5"), (1, "1"), (1, "2"), (1, "3"), (2, "4"), (2, "4"), (2, "4"), (2, "4")):
        scored(place, place.units[unit], score)
    return place


def test_an_executive_is_not_shown_units_of_few_nor_what_would_tell_them(client):
    place = few()

    assert means(board(client, place.executive))["1"] == (
        Fraction(27, 8),
        {"กลุ่มงานที่ 1": None, "กลุ่มงานที่ 2": None, "กลุ่มงานที่ 3": 4},
    )
    held = page(client, place.executive, unit=place.units[0].pk)
    assert held.context["board"].rows[0].cell.mean is None
    assert "5.0000" not in held.content.decode()


def test_without_keeping_back_an_executive_would_be_shown_one_persons_score(client, monkeypatch):
    place = few()
    monkeypatch.setattr(small_cells, "withheld", lambda *given: set())

    assert means(board(client, place.executive))["1"][1]["กลุ่มงานที่ 1"] == 5


def test_who_may_open_the_agreements_is_shown_units_of_few(client):
    place = few()
    auditor = RoleFactory(organisation=place.province, kind=Role.Kind.AUDITOR).user

    for reader in (place.hr, auditor):
        assert means(board(client, reader))["1"][1]["กลุ่มงานที่ 1"] == 5


def test_a_group_of_personnel_of_one_is_kept_back_with_what_would_tell_it(client):
    place = filled()
    scored(place, place.units[0], "5", "5", group="probation")

    for group in ("probation", "civil_servant"):
        assert board(client, place.executive, group=group).cell.mean is None
        assert board(client, place.hr, group=group).cell.mean is not None


def test_executives_are_offered_no_agreement_of_a_person_and_hr_all_of_them(client):
    place = filled()

    assert list(page(client, place.executive).context["agreements"]) == []
    offered = page(client, place.hr, unit=place.units[1].pk).context["agreements"]
    assert {one.pk for one in offered} == {one.pk for one in place.people[3:]}


def test_executives_open_the_agreements_of_offices(client):
    place = bring_to(municipality(), State.RELEASED)
    executive = RoleFactory(organisation=place.province, kind=Role.Kind.EXECUTIVE).user

    assert [one.pk for one in page(client, executive).context["agreements"]] == [place.agreement.pk]


# --- The pages -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name", ["agreements:dashboards", "agreements:dashboard-indicator", "reports:dashboard-workbook"]
)
def test_it_asks_as_often_for_thirty_people_in_ten_units_as_for_three(client, name):
    place = led()
    args = [place.indicators[0].pk] if name.endswith("indicator") else []
    for _person in range(3):
        scored(place, place.units[0], "3", "4")

    def asked():
        page(client, place.executive, name, *args)
        with CaptureQueriesContext(connection) as found:
            assert page(client, place.executive, name, *args).status_code == 200
        return len(found)

    before = asked()
    units = [OrganisationFactory(parent=place.province, kind="group") for _unit in range(9)]
    for number in range(27):
        scored(place, units[number % 9], "3", "4")

    assert asked() == before


def test_the_way_to_it_stands_in_the_bar_of_those_who_follow_an_office(client):
    place = filled()

    def ways(user):
        found = page(client, user, "agreements:work").context["portal_navigation"]
        return [entry["url"] for entry in found if "dashboards" in entry["url"]]

    assert [ways(one) for one in (place.executive, place.hr, place.people[0].person)] == [
        ["/dashboards/"], ["/dashboards/"], [],
    ]  # fmt: skip


def test_without_a_released_result_it_says_so(client):
    place = led()
    scored(place, place.units[0], "3", "4", state="assessed")

    response = page(client, place.executive)

    assert response.context["asked"] is None
    assert response.status_code == 200
    assert page(client, place.executive, "reports:dashboard-workbook").status_code == 404


def test_every_picture_says_in_words_what_it_shows(client):
    place = filled()
    before = RoundFactory(
        organisation=place.province,
        fiscal_year=2555,
        starts_on=datetime.date(2011, 10, 1),
        ends_on=datetime.date(2012, 3, 31),
    )
    for _person in range(3):
        scored(place, place.units[0], "4", "2", round_=before)

    for name, args in (("agreements:dashboards", ()), ("agreements:dashboard-indicator", (place.indicators[0].pk,))):
        html = page(client, place.executive, name, *args).content.decode()
        pictures = re.findall(r'<svg [^>]*role="img" aria-labelledby="(\S+) (\S+)">(.*?)</svg>', html, re.DOTALL)
        assert len(pictures) >= 4
        for title, words, inner in pictures:
            assert re.search(rf'<title id="{title}">[^<]+</title>\s*<desc id="{words}">[^<]*\d[^<]*</desc>', inner)
        named = re.findall(r' id="([^"]+)"', html)
        assert len(named) == len(set(named))


def test_the_filters_go_along_with_every_link(client):
    place = filled()

    response = page(client, place.executive, unit=place.units[0].pk, group="civil_servant")

    links = re.findall(r'href="(/dashboards/[^"]*)"', response.content.decode().split('class="crumbs"')[-1])
    followed = [link for link in links if "?" in link]
    assert followed
    assert all("group=civil_servant" in link and f"round={place.round.pk}" in link for link in followed)


# --- On paper and as a workbook --------------------------------------------------------------------------------------
def test_the_workbook_names_its_filters_and_holds_what_the_page_shows(client):
    place = few()
    type(place.units[2]).objects.filter(pk=place.units[2].pk).update(name="=1+1")

    response = page(client, place.executive, "reports:dashboard-workbook", unit=place.province.pk)
    book = openpyxl.load_workbook(io.BytesIO(response.content))

    first = book.worksheets[0]
    heads = {row[0].value: row[1].value for row in first.iter_rows(min_row=2, max_row=8)}
    assert heads["Unit"] == "สถจ.ทดสอบ and all below it"
    assert heads["Which results"] == "Released ones only"
    assert heads["Personnel group"] == "All groups"
    told = [cell.value for cell in first[11]]
    # 27/8 = 3.375
    assert (told[0], told[3], told[4]) == ("1", 8, 3.375)
    units = [[cell.value for cell in row] for row in book.worksheets[1].iter_rows(min_row=11, max_row=13)]
    assert [(row[0], row[1]) for row in units] == [
        ("กลุ่มงานที่ 1", "— kept back"), ("กลุ่มงานที่ 2", "— kept back"), ("=1+1", 4),
    ]  # fmt: skip
    assert book.worksheets[1]["A13"].data_type == "s"
    each = [[cell.value for cell in row] for row in book.worksheets[2].iter_rows(min_row=11, max_row=13, min_col=3)]
    assert each == [
        ["กลุ่มงานที่ 1", "–", "— kept back", *["–"] * 7],
        ["กลุ่มงานที่ 2", "–", "— kept back", *["–"] * 7],
        ["=1+1", 4, 4, "On target", 0, 0, 0, 0, 4, 0],
    ]
    assert [one.max_row > 10 for one in book.worksheets] == [True] * 5


def test_it_prints_with_its_filters_named(client):
    place = filled()

    response = page(client, place.executive, "reports:dashboard-pdf", digits="thai")

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
