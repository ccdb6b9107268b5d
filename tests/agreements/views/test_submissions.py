import pytest
from django.urls import reverse

from agreements import clock
from agreements.models import CellComment, Organisation, Role, Submission
from tests.factories import OrganisationFactory, RoleFactory, UserFactory
from tests.reporting import JANUARY, NOON, Tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(clock, "today", NOON.date)


@pytest.fixture
def english(client):
    client.cookies["django_language"] = "en"
    return client


def as_head(client, tree, place):
    client.force_login(tree.head(place))
    return client


def level_url(tree, place, period=JANUARY):
    return reverse("agreements:level", args=[tree.form.pk, place.pk, period.isoformat()])


# --- The list --------------------------------------------------------------------------------------------------------
def test_the_head_of_a_unit_finds_what_is_due_and_begins_it(english):
    tree = Tree()
    as_head(english, tree, tree.first)

    entries = english.get(reverse("agreements:submissions")).context["entries"]
    assert [(one["period"], one["state"]) for one in entries] == [
        ("February 2556", "not_begun"), ("January 2556", "not_begun"), ("December 2555", "not_begun"),
    ]  # fmt: skip
    said = {"form": tree.form.pk, "organisation": tree.first.pk, "period": "2013-01-01"}
    response = english.post(reverse("agreements:open-submission"), said)

    assert response["Location"] == reverse("agreements:enter-submission", args=[Submission.objects.get().pk])


def test_the_province_finds_what_comes_to_it(english):
    tree = Tree()

    context = as_head(english, tree, tree.province).get(reverse("agreements:submissions")).context

    assert context["entries"] == []
    assert context["levels"] == [(tree.form, tree.province, JANUARY, "January 2556")]


def test_whoever_reports_nothing_is_told_so(english):
    Tree()
    english.force_login(UserFactory())

    page = english.get(reverse("agreements:submissions")).content.decode()

    assert "No report form asks your units for anything." in page


@pytest.mark.parametrize("forms", [1, 3])
def test_the_list_asks_as_much_for_three_forms_as_for_one(client, forms, django_assert_num_queries):
    tree = Tree()
    for number in range(1, forms):
        tree.form = tree.laid_down(code=f"further-{number}")
    tree.opened(tree.first)
    as_head(client, tree, tree.first)
    client.get(reverse("agreements:submissions"))

    with django_assert_num_queries(17):
        response = client.get(reverse("agreements:submissions"))

    assert len(response.context["entries"]) == 3 * forms


# --- A level ---------------------------------------------------------------------------------------------------------
def test_a_level_shows_each_unit_with_its_figures_and_the_sum_of_what_is_approved(english):
    tree = Tree()
    tree.approve(tree.certified(tree.first, ("80", "59", "21")))
    tree.certified(tree.second, ("9", "3", "6"))

    context = as_head(english, tree, tree.province).get(level_url(tree, tree.province)).context

    rows = {
        row["standing"].organisation.code: (row["state"], [value for _title, value in row["values"]])
        for row in context["rows"]
    }
    assert rows == {
        "laplae": ("approved", ["80", "59", "21", "73.75"]),
        "thapla": ("certified", ["9", "3", "6", "33.33"]),
    }
    assert [value for _title, value in context["sums"]] == ["80", "59", "21", "73.75"]


def test_the_report_of_sums_names_how_many_are_not_in_it(english):
    tree = Tree()
    tree.approve(tree.certified(tree.first))
    sums = Submission.objects.get(organisation=tree.province)
    english.force_login(tree.head(tree.province))

    before = english.get(sums.get_absolute_url())
    tree.approve(tree.certified(tree.second))
    after = english.get(sums.get_absolute_url())

    assert before.context["not_in_it"] == [tree.second.name]
    assert "1 unit is not in these sums" in before.content.decode()
    assert after.context["not_in_it"] == []
    assert "not in these sums" not in after.content.decode()


def test_what_is_not_certified_is_not_shown_above(english):
    tree = Tree()
    tree.filled(tree.first)

    context = as_head(english, tree, tree.province).get(level_url(tree, tree.province)).context

    assert [value for _title, value in context["rows"][0]["values"]] == ["", "", "", ""]


@pytest.mark.parametrize("number", [1, 3])
def test_a_level_asks_as_much_for_three_units_as_for_one(client, number, django_assert_num_queries):
    tree = Tree()
    for at in range(1, number):
        OrganisationFactory(parent=Organisation.objects.get(pk=tree.province.pk), kind="district", code=f"more-{at}")
    tree.certified(tree.first)
    as_head(client, tree, tree.province)
    client.get(level_url(tree, tree.province))

    with django_assert_num_queries(22):
        response = client.get(level_url(tree, tree.province))

    assert len(response.context["rows"]) == number + 1


def test_the_ticked_are_approved(english):
    tree = Tree()
    first, second = tree.certified(tree.first), tree.certified(tree.second)
    as_head(english, tree, tree.province)
    url = reverse("agreements:approve", args=[tree.form.pk, tree.province.pk, JANUARY.isoformat()])

    page = english.post(url, {"submission": [first.pk]}, follow=True).content.decode()

    assert "1 report is approved." in page
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("approved", "certified")
    assert "Choose at least one report." in english.post(url, {}, follow=True).content.decode()


def test_of_another_unit_nothing_is_approved_by_sending_its_key(english):
    tree = Tree()
    other = OrganisationFactory(parent=Organisation.objects.get(pk=tree.department.pk), kind="province", code="phrae")
    reporter = RoleFactory(organisation=other, kind=Role.Kind.DATA_REPORTER).user
    certified = tree.certified(tree.first)
    english.force_login(reporter)
    url = reverse("agreements:approve", args=[tree.form.pk, other.pk, JANUARY.isoformat()])

    page = english.post(url, {"submission": [certified.pk]}, follow=True).content.decode()

    certified.refresh_from_db()
    assert "Choose at least one report." in page
    assert certified.state == "certified"


@pytest.mark.parametrize("period", ["2013-01-02", "2013-13-01", "x"])
def test_a_period_that_is_none_is_not_there(client, period):
    tree = Tree()
    as_head(client, tree, tree.province)
    url = level_url(tree, tree.province).replace("2013-01-01", period)

    assert client.get(url).status_code == 404


# --- A report --------------------------------------------------------------------------------------------------------
def test_a_report_goes_its_way_by_its_page(english):
    tree = Tree()
    filled = tree.filled(tree.first)
    as_head(english, tree, tree.first)

    def act(code):
        url = reverse("agreements:submission-act", args=[filled.pk, code])
        english.post(url, follow=True)
        filled.refresh_from_db()
        return filled.state

    assert [act("complete"), act("certify"), act("take-back")] == ["complete", "certified", "draft"]


def test_the_page_says_what_is_missing(english):
    tree = Tree()
    opened = tree.opened(tree.first)
    as_head(english, tree, tree.first)

    page = english.post(
        reverse("agreements:submission-act", args=[opened.pk, "complete"]), follow=True
    ).content.decode()

    assert "33 things are missing or do not add up" in page
    opened.refresh_from_db()
    assert opened.state == "draft"


def test_a_cell_is_returned_with_a_comment_and_seen_to(english):
    tree = Tree()
    certified = tree.certified(tree.first)
    as_head(english, tree, tree.province)
    url = reverse("agreements:return-submission", args=[certified.pk])
    assert (
        english.get(url, {"cell": "centres/1/established"}).context["form"].initial["cell"] == "centres/1/established"
    )

    refused = english.post(url, {"cell": "centres/1/established", "comment": "", "reason": ""})
    assert refused.context["form"].errors == {"comment": ["Say what is to be changed in this cell."]}
    english.post(url, {"cell": "centres/1/established", "comment": "นับใหม่", "reason": ""})

    comment = CellComment.objects.get()
    assert (comment.cell, comment.text) == (("centres", "1", "established"), "นับใหม่")
    as_head(english, tree, tree.first)
    assert "นับใหม่" in english.get(certified.get_absolute_url()).content.decode()
    english.post(reverse("agreements:resolve-comment", args=[certified.pk, comment.pk]))
    assert "นับใหม่" not in english.get(certified.get_absolute_url()).content.decode()


def test_an_approved_report_is_unlocked_with_a_reason_and_its_revision_stays(english):
    tree = Tree()
    (approved,) = tree.approve(tree.certified(tree.first, ("80", "59", "21")))
    as_head(english, tree, tree.province)
    url = reverse("agreements:unlock-submission", args=[approved.pk])

    assert english.post(url, {"reason": ""}).context["form"].errors == {"reason": ["This field is required."]}
    page = english.post(url, {"reason": "นับผิด"}, follow=True).content.decode()
    earlier = english.get(reverse("agreements:submission-revision", args=[approved.pk, 1])).context

    assert "นับผิด" in page
    assert dict(earlier["figures"])["ร้อยละของศูนย์ที่จัดตั้งแล้ว"] == "73.75"


def test_the_report_that_counts_is_no_earlier_revision(client):
    tree = Tree()
    certified = tree.certified(tree.first)
    as_head(client, tree, tree.first)

    numbers = [reverse("agreements:submission-revision", args=[certified.pk, number]) for number in (1, 2)]
    assert [client.get(url).status_code for url in numbers] == [404, 404]
