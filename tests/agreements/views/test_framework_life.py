import pytest
from django.urls import reverse
from django.utils import translation

from agreements.models import Framework
from agreements.services import drafts
from tests.factories import NOON, DraftFactory, FrameworkFactory, OrganisationFactory, drafted, editor_of, made_whole

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def published(client):
    framework = FrameworkFactory(code="office-2556")
    drafted(framework, "1", weight="100")
    client.force_login(editor_of(framework))
    return made_whole(framework)


def at(name, thing):
    return reverse(f"agreements:{name}", args=[thing.pk])


def next_year(client, framework, **changes):
    typed = {"organisation": framework.organisation_id, "title": "กรอบปีใหม่", "fiscal_year": "๒๕๕๗", "round": "1"}
    return client.post(at("next-year", framework), typed | {"code": "office-2557"} | changes)


def test_next_years_framework_is_proposed_begun_and_compared_with_this_years(client, published):
    assert client.get(at("next-year", published)).context["form"]["code"].value() == "office-2557"

    response = next_year(client, published)

    draft = Framework.objects.get(code="office-2557")
    assert response.url == at("draft", draft)
    row = draft.indicators.get()
    drafts.write_indicator(row, row.definition | {"title": "ใหม่"}, shown=row.revision, by=editor_of(draft), at=NOON)
    page = client.get(at("publish", draft))
    assert page.context["compared"] == published
    (changed,) = page.context["changes"].changed
    assert [(entry.label, entry.after) for entry in changed.entries] == [("Title", "ใหม่")]
    assert "Publish as the first version" in page.content.decode()


def test_a_code_that_is_taken_is_refused_at_its_field(client, published):
    form = next_year(client, published, code="office-2556").context["form"]

    assert form.errors.keys() == {"code"}
    assert Framework.objects.count() == 1


def test_of_another_office_nothing_is_begun(client, published):
    form = next_year(client, published, organisation=OrganisationFactory().pk).context["form"]

    assert form.errors.keys() == {"organisation"}


def test_a_draft_is_discarded_after_asking_and_a_stale_question_counts_for_nothing(client, published):
    draft = DraftFactory(organisation=published.organisation)

    response = client.post(at("discard-draft", draft), {"revision": "99"})
    assert response.url == at("discard-draft", draft)
    response = client.post(at("discard-draft", draft), {"revision": str(draft.revision)})

    assert response.url == reverse("agreements:frameworks")
    assert list(Framework.objects.all()) == [published]


def test_units_of_the_office_are_ticked_and_others_typed(client, published):
    draft = DraftFactory(organisation=published.organisation)
    OrganisationFactory(parent=draft.organisation, name="งานคลัง", unit_code="finance")
    drafted(draft, "1")
    page = client.get(at("units", draft))
    assert [unit.offices for unit in page.context["unit_rows"]] == [(), ()]
    assert "This unit code reaches no office" in page.content.decode()

    typed = {"revision": str(draft.revision), "offered": ["finance"], "title": "งานอื่น", "code": "other"}
    client.post(at("add-units", draft), typed)

    draft.refresh_from_db()
    assert draft.header["units"][2:] == [
        {"code": "finance", "title": "งานคลัง"},
        {"code": "other", "title": "งานอื่น"},
    ]


@pytest.mark.parametrize("typed", [{}, {"title": "งานอื่น"}, {"code": "other"}, {"offered": ["nothing"]}])
def test_a_unit_without_name_or_code_is_not_added(client, published, typed):
    draft = DraftFactory(organisation=published.organisation)
    before = draft.header

    client.post(at("add-units", draft), {"revision": str(draft.revision)} | typed)

    draft.refresh_from_db()
    assert draft.header == before


def test_numbers_out_of_order_are_told_and_set_right(client, published):
    draft = DraftFactory(organisation=published.organisation)
    for code in ("2", "1"):
        drafted(draft, code)
    assert client.get(at("draft", draft)).context["is_out_of_order"]

    client.post(at("number-anew", draft), {"revision": str(draft.revision)})

    assert [row.code for row in draft.indicators.in_order()] == ["1", "2"]
    assert not client.get(at("draft", draft)).context["is_out_of_order"]
