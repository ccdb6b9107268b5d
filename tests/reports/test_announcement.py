import re

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Role, State
from agreements.services import screening
from reports import pdf
from reports.announcement_views import announcement_document
from reports.rows.announcement import AnnouncementPaper, Named
from tests.factories import NOON, OrganisationFactory, PostingFactory, RoleFactory
from tests.reports.papers import facts_of, fonts_of, pages_of, text_of
from tests.screening import screened_office
from tests.walks import Office, bring_to, colleague, office

pytestmark = pytest.mark.django_db


def ask(user, place, name="reports:announcement-pdf", **query):
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=[place.round.pk], query=query))


def someone(place: Office, state=State.RELEASED, *, value="90", unit=None) -> Office:
    """Return a colleague with a result in `state`."""
    other = colleague(place)
    if unit is not None:
        other.version.parties.filter(capacity="assessee").update(unit=unit.name)
        other.agreement.organisation = unit
        other.agreement.save()
    return bring_to(other, state, value=value)


def name_of(place):
    return place.version.parties.get(capacity="assessee").name


@pytest.fixture
def place():
    return bring_to(office(releases_on_assessment=False), State.RELEASED)


def test_the_paper_names_who_was_told_a_high_grade_in_thai_digits_without_scores(place):
    low = someone(place, value="50")
    untold = someone(place, State.ASSESSED)

    answer = ask(place.hr, place)

    text = re.sub(r"\s+", " ", text_of(answer.content))
    assert answer["Content-Type"] == "application/pdf"
    assert f"ประกาศ{place.province.name}".translate(THAI) in text
    assert "รอบการประเมินที่ ๑ ปีงบประมาณ พ.ศ. ๒๕๕๖" in text
    assert "ระดับดีมาก จำนวน ๑ ราย" in text
    assert name_of(place).translate(THAI) in text
    # The control: these have a result, too, but not one to announce, or were not told yet.
    assert not {name_of(one).translate(THAI) for one in (low, untold)} & set(re.findall(r"นาย\S+ \S+", text))
    assert not re.search(r"๘๖|86|๘๐\.|คะแนน|[0-9]", text)
    assert facts_of(answer.content)["Pages"] == "2"
    assert {(font, "yes") for font, *_rest in fonts_of(answer.content)} == {("Sarabun", "yes"), ("Sarabun-Bold", "yes")}


THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def test_it_can_be_of_one_unit(place):
    beside = OrganisationFactory(parent=place.province, kind="group", name="กลุ่มงานข้างเคียง")
    other = someone(place, unit=beside)

    text = re.sub(r"\s+", " ", text_of(ask(place.hr, place, unit=beside.pk).content))

    assert "สังกัดกลุ่มงานข้างเคียง" in text
    assert name_of(other).translate(THAI) in text
    assert name_of(place).translate(THAI) not in text


def test_the_list_runs_to_further_pages_with_its_head():
    place = bring_to(office(releases_on_assessment=False), State.RELEASED)
    [one] = screening.announced(place.round, by=place.hr)
    named = [Named(name=f"{one.name} {number}", title=one.title, unit=one.unit) for number in range(80)]
    paper = AnnouncementPaper(
        office=place.province.name,
        fiscal_year=2556,
        number=1,
        starts_on=place.round.starts_on,
        ends_on=place.round.ends_on,
        groups=[("ดีเด่น", named[:40]), ("ดีมาก", named[40:])],
    )

    pages = pages_of(pdf.render(announcement_document(paper)))

    assert ["ลำดับที่" in page for page in pages] == [False] + [True] * (len(pages) - 1)
    assert "ระดับดีเด่นและระดับดีมาก" in re.sub(r"\s+", "", pages[0]).replace(" ", "")
    assert len(pages) > 3


def test_the_page_says_the_same_in_the_order_of_units_and_names_not_of_scores():
    place = bring_to(office(releases_on_assessment=False), State.RELEASED)
    others = [someone(place) for _ in range(2)]

    context = ask(place.hr, place, "agreements:announcement").context

    [(_first, outstanding), (grade, named)] = context["groups"]
    assert (outstanding, grade) == ([], "ดีมาก")
    by_name = sorted([place, *others], key=lambda one: one.agreement.person.sort_key)
    assert [one.name for one in named] == [name_of(one) for one in by_name]


def test_nothing_is_announced_before_the_release_nor_where_nobody_is_to_be():
    waiting = screened_office()

    assert ask(waiting.hr, waiting).status_code == 404
    page = ask(waiting.hr, waiting, "agreements:announcement")
    assert (page.status_code, page.context["count"]) == (200, 0)


def test_who_is_not_hr_or_on_the_committee_gets_no_paper(place):
    executive = RoleFactory(organisation=place.province, kind=Role.Kind.EXECUTIVE).user
    elsewhere = RoleFactory().user

    asked = (place.assessee, place.assessor, executive, elsewhere, place.hr)

    assert [ask(user, place).status_code for user in asked] == [404, 404, 404, 404, 200]


def test_names_stand_as_they_were_signed(place):
    name, title = name_of(place), place.version.parties.get(capacity="assessee").title
    place.assessee.last_name = "เปลี่ยนแล้ว"
    place.assessee.save()
    PostingFactory(user=place.assessee, organisation=place.unit, title="ตำแหน่งใหม่", starts_on=NOON.date())

    [one] = screening.announced(place.round, by=place.hr)

    assert (one.name, one.title) == (name, title)


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_asks_as_much_for_three_as_for_one(people, django_assert_num_queries, place):
    for _more in range(people - 1):
        someone(place)
    client = Client()
    client.force_login(place.hr)

    with django_assert_num_queries(15):
        response = client.get(reverse("agreements:announcement", args=[place.round.pk]))

    assert response.context["count"] == people
