from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.actions import NotAllowed
from agreements.models import Event, Framework, MonthlyFigure, Remedy, Role, Submission
from agreements.services import (
    agreements,
    heads,
    monitoring,
    monitoring_rows,
    monitoring_sources,
    remedies,
    reporting_rights,
    submission_judging as judging,
)
from scoring.progress import month_number
from tests.factories import FrameworkFactory, IndicatorFactory, OrganisationFactory, PostingFactory, RoleFactory
from tests.guards import lifted
from tests.reporting import Tree
from tests.walks import office

pytestmark = pytest.mark.django_db

NOON = datetime(2013, 2, 13, 5, tzinfo=UTC)
TODAY = date(2013, 2, 13)
JANUARY = month_number(2013, 1)
MEASURE = {
    "kind": "formula",
    "expression": "established / total * 100",
    "variables": {"established": {"label": "จัดตั้งแล้ว"}, "total": {"label": "ทั้งหมด"}},
}
CENTRES = {
    "unit": "ร้อยละ",
    "targets": [{"period": "2013-09", "value": "100"}],
    "measure": MEASURE,
    "criteria": {"kind": "open"},
}
PAPER = {
    "unit": "ร้อยละ",
    "targets": [{"period": "6-month", "value": "5", "cumulative": True}],
    "criteria": {"kind": "open"},
}


class Followed:
    """The tree of offices that report, and a framework that the department follows."""

    def __init__(self):
        self.tree = Tree()
        self.framework = FrameworkFactory(organisation=self.tree.department, fiscal_year=2556, round_number=None)
        self.centres = IndicatorFactory(framework=self.framework, code="4.1", definition=CENTRES)
        self.paper = IndicatorFactory(framework=self.framework, code="4.2", definition=PAPER)
        self.head = self.tree.heads["uttaradit"]

    def board(self, place=None, *, month=JANUARY, months=4):
        return monitoring.board(self.framework, place or self.tree.province, month, months=months)

    def type(self, values, *, by=None, place=None):
        remedies.write_figures(
            self.paper,
            place or self.tree.province,
            {date.fromisoformat(f"{month}-01"): Decimal(value) if value else None for month, value in values.items()},
            by=by or self.head,
            at=NOON,
        )

    def approved(self):
        second = self.tree.certified(self.tree.second, ("9", "3", "6"))
        self.tree.approve(self.tree.certified(), second)


def plan(owner, **more):
    told = {"cause": "พิมพ์แจกทุกครั้ง", "action": "ใช้หนังสือเวียน", "owner": owner, "due_on": date(2013, 3, 29)}
    return remedies.Plan(**told | more)


# --- Where it stands -------------------------------------------------------------------------------------------------
def test_a_form_brings_the_value_by_its_ratio_of_sums():
    place = Followed()
    place.approved()

    row = place.board().rows[0]

    # 5 of 19, of two reports; nothing is due before September, and one value has no pace.
    assert (row.value, row.value_of) == (Fraction(500, 19), date(2013, 1, 1))
    assert [(month.value, month.reports) for month in row.months] == [(None, None)] * 3 + [(Fraction(500, 19), 2)]
    assert (row.target, row.ahead.value, row.look) == (None, 100, "pace_behind")
    assert (row.source.form.code, row.forecast, row.score) == ("centres-monthly", Fraction(500, 19), None)


def test_a_formula_whose_variables_are_columns_is_worked_out():
    place = Followed()
    same = {"established": {"label": "จัดตั้งแล้ว"}, "all": {"label": "ทั้งหมด"}}
    measure = {"kind": "formula", "expression": "all - established", "variables": same}
    with lifted():
        place.centres.definition = CENTRES | {"measure": measure}
        place.centres.save()
    place.approved()

    assert place.board().rows[0].value == 14


def test_typed_months_are_compared_with_the_cumulative_target():
    place = Followed()
    place.type({"2012-10": "0.4", "2012-12": "1.6", "2013-01": "2.3"})

    row = place.board().rows[1]

    assert [(month.value, month.target, month.look) for month in row.months] == [
        (Fraction(2, 5), Fraction(5, 6), "behind"),
        (None, Fraction(5, 3), "no_figure"),
        (Fraction(8, 5), Fraction(5, 2), "behind"),
        (Fraction(23, 10), Fraction(10, 3), "behind"),
    ]
    assert (row.look, row.forecast, row.is_behind) == ("behind", Fraction(69, 10), True)


def test_the_last_value_known_counts_and_says_its_month():
    place = Followed()
    place.type({"2012-11": "4.9"})

    row = place.board().rows[1]

    assert (row.value, row.value_of, row.light) == (Fraction(49, 10), date(2012, 11, 1), "reached")


def test_the_forecast_of_the_framework_weighs_the_scores():
    place = Followed()
    thresholds = {"kind": "thresholds", "levels": {"1": "1", "2": "2", "3": "3", "4": "4", "5": "5"}}
    with lifted():
        for one, weight in ((place.centres, "10"), (place.paper, "30")):
            one.weight, one.definition = Decimal(weight), one.definition | {"criteria": thresholds}
            one.save()
    place.type({"2013-01": "1"})
    place.approved()

    board = place.board()

    # 500/19 is beyond level 5; 1 in four months is 3 in twelve.
    assert [row.score for row in board.rows] == [5, 3]
    assert (board.forecast, board.forecast_of) == (Fraction(7, 2), 2)


def test_another_offices_figures_are_not_there():
    place = Followed()
    place.type({"2013-01": "2.3"})
    place.approved()
    other = OrganisationFactory(parent=place.tree.department, kind="province")

    assert [row.value for row in place.board(other).rows] == [None, None]


def test_figures_stay_with_the_next_version_of_the_framework():
    place = Followed()
    place.type({"2013-01": "2.3"})
    later = FrameworkFactory(
        organisation=place.tree.department, fiscal_year=2556, round_number=None, code=place.framework.code, version=2
    )
    again = IndicatorFactory(framework=later, code="4.2", definition=PAPER)

    row = monitoring.row(again, place.tree.province, JANUARY, months=4)
    assert row.value == Fraction(23, 10)
    remedies.write_figures(again, place.tree.province, {date(2013, 1, 1): Decimal(3)}, by=place.head, at=NOON)

    assert MonthlyFigure.objects.get().value == Decimal(3)


def test_the_same_questions_for_one_month_and_for_24():
    place = Followed()
    place.approved()
    place.type({"2012-10": "1", "2013-01": "2"})
    asked = []
    for months in (1, 24):
        with CaptureQueriesContext(connection) as captured:
            board = place.board(months=months)
        asked.append((len(captured), len(board.rows[0].months)))

    assert asked == [(6, 1), (6, 24)]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_same_questions_for_one_indicator_and_for_three(rows, django_assert_num_queries):
    place = Followed()
    for number in range(rows):
        IndicatorFactory(framework=place.framework, code=f"5.{number}", definition=PAPER)

    with django_assert_num_queries(6):
        assert len(place.board().rows) == 2 + rows


def test_what_is_only_followed_is_given_to_nobodys_agreement():
    place = office()
    followed = FrameworkFactory(organisation=place.province, total_weight=None)
    IndicatorFactory(framework=followed, code="4.1", definition=CENTRES | {"assigned_units": ["general"]})

    assert agreements.indicators_given_to(place.province, place.round) == place.indicators
    # The control: with weights it is given.
    with lifted():
        Framework.objects.filter(pk=followed.pk).update(total_weight="100")
    assert len(agreements.indicators_given_to(place.province, place.round)) == 2


# --- Where it comes from ---------------------------------------------------------------------------------------------
def test_who_has_not_sent_is_named_with_the_day():
    place = Followed()
    place.tree.certified()
    sources = monitoring_sources.sources_of(place.framework, [place.centres], place.tree.province)

    found = monitoring_sources.missing(sources, place.tree.province, date(2013, 1, 1), today=date(2013, 2, 18))

    assert [(one.units, one.expected, one.due, one.is_late) for one in found] == [
        ((place.tree.second,), 2, date(2013, 2, 15), True)
    ]
    assert not monitoring_sources.missing(sources, place.tree.province, date(2013, 1, 1), today=TODAY)[0].is_late
    own = monitoring_sources.missing(sources, place.tree.second, date(2013, 1, 1), today=TODAY)
    assert [one.units for one in own] == [(place.tree.second,)]


def test_the_rows_below_and_a_units_own_cells():
    place = Followed()
    place.approved()
    reader = heads.tell(place.head, day=TODAY)
    source = place.board().rows[0].source

    below = monitoring_rows.rows_below(source, place.tree.province, JANUARY, reader)
    heads_of_columns = ["จำนวน อปท. ทั้งหมด", "จัดตั้งแล้ว", "ยังไม่จัดตั้ง"]
    assert [[title for title, _sum in one.sums] for one in below.parts] == [heads_of_columns] * 2
    assert [(one.unit, tuple(sum_ for _title, sum_ in one.sums), one.value) for one in below.parts] == [
        (place.tree.first, ("10", "2", "8"), 20),
        (place.tree.second, ("9", "3", "6"), Fraction(100, 3)),
    ]
    assert below.tables == ()
    own = monitoring_rows.rows_below(source, place.tree.first, JANUARY, reader)
    assert own.parts == ()
    assert own.tables[0].rows[0][1] == ("10", "2", "8", "")


def test_what_was_returned_counts_for_nothing_and_says_so():
    place = Followed()
    certified = place.tree.certified()
    source = place.board().rows[0].source
    reader = heads.tell(place.head, day=TODAY)
    before = monitoring_rows.rows_below(source, place.tree.province, JANUARY, reader).parts[0]
    assert (before.state, before.value) == ("certified", 20)

    judging.return_for_changes(certified, remarks=[], reason="นับใหม่", by=place.head, at=NOON)

    after, other = monitoring_rows.rows_below(source, place.tree.province, JANUARY, reader).parts
    assert (after.state, [sum_ for _title, sum_ in after.sums], after.value) == ("returned", ["", "", ""], None)
    assert (other.state, other.value) == ("not_begun", None)


def test_rows_below_are_shown_to_those_who_may_read_them():
    place = Followed()
    place.approved()
    stranger = heads.tell(place.tree.heads["laplae"], day=TODAY)
    source = place.board().rows[0].source

    below = monitoring_rows.rows_below(source, place.tree.province, JANUARY, stranger)

    assert [(one.unit, one.submission is None) for one in below.parts] == [
        (place.tree.first, False), (place.tree.second, True),
    ]  # fmt: skip


# --- Who may look ----------------------------------------------------------------------------------------------------
def test_places_are_those_of_heads_roles_and_the_office_of_a_part():
    place = Followed()
    tree = place.tree
    part = OrganisationFactory(parent=tree.province, kind="group")
    head_of_part = PostingFactory(organisation=part).user
    executive = RoleFactory(organisation=tree.province, kind=Role.Kind.EXECUTIVE).user
    hr = RoleFactory(organisation=tree.province).user

    def seen(user):
        return set(monitoring.places_for(heads.tell(user, day=TODAY)))

    below = {tree.province, tree.first, tree.second, part}
    assert seen(tree.heads["dla"]) == {tree.department, *below}
    assert seen(executive) == seen(place.head) == below
    assert seen(tree.heads["laplae"]) == {tree.first}
    assert seen(head_of_part) == {tree.province, part}
    assert seen(hr) == set()


# --- Writing ---------------------------------------------------------------------------------------------------------
def test_figures_are_written_changed_and_taken_away_and_stand_in_the_log():
    place = Followed()
    place.type({"2012-12": "1.6", "2013-01": "2.3"})
    place.type({"2013-01": "2.4"})
    place.type({"2013-01": "2.4"})
    place.type({"2012-12": ""})

    assert [(one.month, one.value) for one in MonthlyFigure.objects.all()] == [(date(2013, 1, 1), Decimal("2.4"))]
    told = [event.text.details for event in Event.objects.filter(verb="figures.written").order_by("pk")]
    assert [(one["before"], one["after"]) for one in told] == [
        ({"2012-12": None, "2013-01": None}, {"2012-12": "1.6", "2013-01": "2.3"}),
        ({"2013-01": "2.3"}, {"2013-01": "2.4"}),
        ({"2012-12": "1.6"}, {"2012-12": None}),
    ]
    assert (told[0]["indicator"], told[0]["place"]) == ("4.2", "uttaradit")


@pytest.mark.parametrize("month", ["2013-03", "2012-09", "2013-10"])
def test_a_month_to_come_or_outside_the_framework_is_refused_and_nothing_is_kept(month):
    place = Followed()

    with pytest.raises(remedies.FigureRefused):
        place.type({"2013-01": "1", month: "1"})
    assert not MonthlyFigure.objects.exists()


def test_what_a_form_brings_is_not_typed():
    place = Followed()

    with pytest.raises(remedies.FigureRefused):
        remedies.write_figures(
            place.centres, place.tree.province, {date(2013, 1, 1): Decimal(100)}, by=place.head, at=NOON
        )


def test_who_writes_and_who_does_not(monkeypatch):
    place = Followed()
    group = OrganisationFactory(parent=place.tree.province, kind="group", unit_code="general")
    other = OrganisationFactory(parent=place.tree.province, kind="group", unit_code="legal")
    with lifted():
        place.paper.definition = PAPER | {"assigned_units": ["general"]}
        place.paper.save()
    reporter = RoleFactory(organisation=place.tree.province, kind=Role.Kind.DATA_REPORTER).user
    responsible = PostingFactory(organisation=group).user
    for user in (place.head, reporter, responsible):
        place.type({"2013-01": "1"}, by=user)
        remedies.write_remedy(
            place.paper, place.tree.province, date(2013, 1, 1), plan(group.postings.get()), by=user, at=NOON
        )
    strangers = (
        PostingFactory(organisation=other).user,
        RoleFactory(organisation=place.tree.province, kind=Role.Kind.EXECUTIVE).user,
        RoleFactory(organisation=place.tree.province).user,
        place.tree.heads["laplae"],
        RoleFactory(organisation=OrganisationFactory(), kind=Role.Kind.DATA_REPORTER).user,
    )
    for user in strangers:
        with pytest.raises(NotAllowed):
            place.type({"2013-01": "9"}, by=user)
        with pytest.raises(NotAllowed):
            remedies.write_remedy(
                place.paper, place.tree.province, date(2013, 1, 1), plan(group.postings.get()), by=user, at=NOON
            )
    assert MonthlyFigure.objects.get().value == 1
    # The control: without the question, a stranger writes.
    monkeypatch.setattr(reporting_rights, "is_reporter", lambda user, place: True)
    place.type({"2013-01": "9"}, by=strangers[-1])
    assert MonthlyFigure.objects.get().value == 9


def test_a_cause_and_an_action_are_written_mended_and_done():
    place = Followed()
    owner = place.head.postings.get()
    told = {"by": place.head, "at": NOON}

    remedies.write_remedy(place.paper, place.tree.province, date(2013, 1, 1), plan(owner), **told)
    done = plan(owner, done_on=date(2013, 2, 12))
    remedies.write_remedy(place.paper, place.tree.province, date(2013, 1, 1), done, **told)
    remedies.write_remedy(place.paper, place.tree.province, date(2013, 1, 1), done, **told)

    assert Remedy.objects.get().done_on == date(2013, 2, 12)
    assert place.board().rows[1].remedy.cause == "พิมพ์แจกทุกครั้ง"
    events = Event.objects.filter(verb="remedy.written").order_by("pk")
    assert [one.text.details["before"] is None for one in events] == [True, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"cause": " "},
        {"action": ""},
        {"due_on": date(2012, 12, 31)},
        {"done_on": date(2013, 2, 14)},
        {"done_on": date(2012, 12, 31)},
    ],
)
def test_an_action_that_says_nothing_is_refused(wrong):
    place = Followed()

    with pytest.raises(remedies.FigureRefused):
        remedies.write_remedy(
            place.paper, place.tree.province, date(2013, 1, 1), plan(place.head.postings.get(), **wrong),
            by=place.head, at=NOON,
        )  # fmt: skip
    assert not Remedy.objects.exists()


def test_an_action_is_given_to_somebody_of_the_office():
    place = Followed()

    with pytest.raises(remedies.FigureRefused):
        remedies.write_remedy(
            place.paper, place.tree.province, date(2013, 1, 1), plan(PostingFactory()), by=place.head, at=NOON
        )


def test_a_form_of_a_round_counts_in_its_last_month():
    place = Followed()
    place.tree.form = place.tree.laid_down(code="by-quarter", period="quarter", indicator="4.2")
    opened = place.tree.opened(period=date(2012, 10, 1))
    Submission.objects.filter(pk=opened.pk).update(totals={"centres.all": "8", "centres.established": "2"}, reports=1)

    row = place.board(place.tree.first).rows[1]

    assert [month.value for month in row.months] == [None, None, 25, None]


def bound_to(**bind):
    """Return a formula whose variables are bound to the columns of the form."""
    columns = {"done": "centres.established", "every": "centres.all"}
    form = {"form": "centres-monthly"} | bind
    variables = {name: {"bind": form | {"column": key}} for name, key in columns.items()}
    return {"kind": "formula", "expression": "done / every * 100", "variables": variables}


@pytest.mark.parametrize(
    ("bind", "expected"),
    [
        # 2 of 10 in December, 4 of 5 in January: together 6 of 15.
        ({}, ["20", "40"]),
        ({"aggregate": "last"}, ["20", "80"]),
        ({"months": 1}, ["20", "80"]),
        ({"months": 2}, ["20", "40"]),
    ],
)
def test_a_formula_that_is_bound_to_columns_adds_the_months_up_as_it_says(bind, expected):
    place = Followed()
    with lifted():
        place.paper.definition = PAPER | {"measure": bound_to(**bind)}
        place.paper.save()
    tree = place.tree
    for period, figures in ((date(2012, 12, 1), ("10", "2", "8")), (date(2013, 1, 1), ("5", "4", "1"))):
        tree.certified(figures=figures, period=period)

    row = place.board(tree.first).rows[1]

    assert [month.value for month in row.months[2:]] == [Fraction(one) for one in expected]
    with pytest.raises(remedies.FigureRefused):
        place.type({"2013-01": "1"}, place=tree.first, by=tree.heads["laplae"])


def test_a_binding_to_another_unit_is_not_the_offices_own_value():
    place = Followed()
    with lifted():
        place.paper.definition = PAPER | {"measure": bound_to(subtree="thapla")}
        place.paper.save()

    assert place.board(place.tree.first).rows[1].source is None
