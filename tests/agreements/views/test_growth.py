"""Pages whose cost must not grow with the office: each reads as much for many people or units as for few."""

import datetime

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Agreement, Item, Organisation, Role, State
from agreements.services import cascade_overview, remedies
from agreements.views import batches, deadlines
from tests.factories import NOON, FrameworkFactory, IndicatorFactory, OrganisationFactory, PostingFactory, RoleFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db

FRIDAY = datetime.date(2013, 3, 22)


@pytest.fixture(autouse=True)
def monday_after(settings):
    settings.DEMO, settings.DEMO_TODAY = True, datetime.date(2013, 3, 25)


class Read:
    """How many rows of `model` are read within it."""

    def __init__(self, model):
        self.model, self.rows = model, 0

    def __enter__(self):
        post_init.connect(self._count, sender=self.model)
        return self

    def __exit__(self, *_raised):
        post_init.disconnect(self._count, sender=self.model)

    def _count(self, **_told):
        self.rows += 1


def many(state, count, **fields):
    place = bring_to(office(**fields), state)
    for _ in range(count - 1):
        bring_to(colleague(place), state)
    return place


def rows_read(client, address, model=Agreement):
    """Return the page with how many rows of `model` it read and how often it asked."""
    with Read(model) as read, CaptureQueriesContext(connection) as asked:
        page = client.get(address)
    assert page.status_code == 200
    return page, read.rows, len(asked)


def test_my_work_of_hr_counts_who_is_late_and_reads_none_of_them(client):
    found = []
    for count in (1, 4):
        place = many(State.AGREED, count, report_by=FRIDAY)
        client.force_login(place.hr)
        page, read, asked = rows_read(client, reverse("agreements:work"))
        (late,) = page.context["office_tasks"]
        assert (late.action, late.count) == (None, count)
        found.append((read, asked))

    assert found[0] == found[1]


@pytest.mark.parametrize("count", [3, 6])
def test_overdue_reads_the_rows_of_its_page_alone(client, monkeypatch, count):
    monkeypatch.setattr(deadlines, "ROWS_A_PAGE", 2)
    place = many(State.AGREED, count, report_by=FRIDAY)
    client.force_login(place.hr)

    page, read, _asked = rows_read(client, reverse("agreements:overdue", args=[place.round.pk]))

    assert [number for _value, _label, number in page.context["phases"]] == [0, count, 0]
    # Once for the page, once with what a row shows.
    assert (len(page.context["rows"]), page.context["page"].paginator.count, read) == (2, count, 4)


def test_overdue_shows_the_first_without_an_agreement_and_counts_the_others(client, monkeypatch):
    monkeypatch.setattr(deadlines, "MOST_NOT_STARTED", 1)
    place = office(propose_by=FRIDAY)
    others = [PostingFactory(organisation=place.unit, assessor=place.posting.assessor) for _ in range(3)]
    client.force_login(place.hr)

    page = client.get(reverse("agreements:overdue", args=[place.round.pk], query={"phase": "propose"}))

    # The assessor has a superior and no agreement, like the others; the head, whom nobody assesses, is not waited for.
    shown = [posting.user for posting in page.context["not_started"]]
    assert (len(shown), page.context["more_not_started"]) == (1, len(others))


@pytest.mark.parametrize("count", [3, 6])
def test_releasing_reads_and_ticks_a_page_at_a_time(client, monkeypatch, count):
    monkeypatch.setattr(batches, "ROWS_A_PAGE", 2)
    place = many(State.ASSESSED, count, releases_on_assessment=False)
    client.force_login(place.hr)
    address = reverse("agreements:release-round", args=[place.round.pk])

    page, read, _asked = rows_read(client, address)
    second = client.get(f"{address}?page=2")
    keys = [row["agreement"].pk for row in second.context["rows"]]
    client.post(f"{address}?page=2", {"agreement": keys[:1]})

    assert (len(page.context["rows"]), read) == (2, 2)
    assert Agreement.objects.filter(state=State.RELEASED).get().pk == keys[0]
    assert Agreement.objects.filter(state=State.ASSESSED).count() == count - 1


def test_the_cascade_of_a_round_reads_no_item_that_comes_from_none(client, monkeypatch):
    monkeypatch.setattr(cascade_overview, "MOST_NAMED", 1)
    place = many(State.AGREED, 4)
    lacking = [OrganisationFactory(parent=place.province, kind="group", unit_code="general") for _ in range(3)]
    client.force_login(place.hr)

    page, read, _asked = rows_read(client, reverse("agreements:round-cascade", args=[place.round.pk]), Item)

    (given,) = page.context["overview"].given
    assert (read, given.carried, given.lacking, given.shown, given.more) == (0, 4, tuple(lacking), (lacking[0],), 2)


def test_whether_somebody_may_write_figures_is_one_question_however_many_units_are_given_it(client):
    province = OrganisationFactory()
    framework = FrameworkFactory(organisation=province)
    definition = IndicatorFactory.definition.function() | {"assigned_units": ["district"]}
    indicator = IndicatorFactory(framework=framework, definition=definition)
    reader = RoleFactory(organisation=province, kind=Role.Kind.EXECUTIVE).user
    found = []
    for count in (1, 5):
        for _ in range(count):
            unit = OrganisationFactory(parent=province, kind="district", unit_code="district")
        province = Organisation.objects.get(pk=province.pk)
        with CaptureQueriesContext(connection) as asked:
            assert remedies.may_write(reader, indicator, province, day=NOON.date()) is False
        found.append(len(asked))
    RoleFactory(user=reader, organisation=unit, kind=Role.Kind.DATA_REPORTER)

    assert found[0] == found[1]
    assert remedies.may_write(reader, indicator, province, day=NOON.date()) is True
