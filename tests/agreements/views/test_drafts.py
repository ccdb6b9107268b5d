from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from agreements.exchange.documents import read_document
from agreements.exchange.shape import canonical
from agreements.forms.drafts import HeaderForm
from agreements.models import Framework, Role
from agreements.services import drafts, frameworks
from tests.factories import NOON, DraftFactory, FrameworkFactory, PostingFactory, RoleFactory, drafted, editor_of

pytestmark = pytest.mark.django_db

FIXTURES = sorted(Path(settings.BASE_DIR, "fixtures", "frameworks").glob("*.yaml"))


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def draft():
    return DraftFactory()


@pytest.fixture
def editor(draft, client):
    editor = editor_of(draft)
    client.force_login(editor)
    return editor


def at(name, thing):
    return reverse(f"agreements:{name}", args=[thing.pk])


def table(prefix, *rows):
    """Return the rows of a table as typed."""
    typed = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        typed |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return typed


HEADER = {
    "title": "กรอบใหม่",
    "level": "province",
    "fiscal_year": "๒๕๕๗",
    "round": "1",
    "total_weight": "100",
    "scale": "1 2 3 4 5",
    "below_level_1": "one",
    **table("grades"),
}


def test_a_framework_is_begun_with_dimensions_and_units(client):
    role = RoleFactory(kind=Role.Kind.FRAMEWORK_EDITOR)
    client.force_login(role.user)
    dimensions = table("dimensions", {"title": "มิติภายนอก", "weight": "60"}, {"title": "ประสิทธิผล", "parent": "d1"}, {})
    typed = HEADER | dimensions | table("units", {"code": "general", "title": "งานบริหารทั่วไป"})

    response = client.post(
        reverse("agreements:start-framework"), typed | {"organisation": role.organisation.pk, "code": "new-2557"}
    )

    begun = Framework.objects.get()
    assert response.url == at("draft", begun)
    assert begun.header == {
        "format": 1,
        "code": "new-2557",
        "title": "กรอบใหม่",
        "level": "province",
        "fiscal_year": 2557,
        "round": 1,
        "total_weight": "100",
        "dimensions": [
            {"code": "d1", "title": "มิติภายนอก", "weight": "60"},
            {"code": "d2", "parent": "d1", "title": "ประสิทธิผล"},
        ],
        "units": [{"code": "general", "title": "งานบริหารทั่วไป"}],
    }


def test_faults_of_the_header_stand_at_their_fields(client, editor, draft):
    typed = HEADER | {"scale": "5 4", "fiscal_year": "1"}
    typed |= table("dimensions", {"code": "a", "title": "ก", "parent": "b"}) | table("units", {"code": "x"})

    form = client.post(at("draft-header", draft), typed).context["form"]
    assert form.tables["units"].errors == [{"title": ["Fill this in, or empty the whole row."]}]

    form = client.post(at("draft-header", draft), typed | table("units", {"code": "x", "title": "ก"})).context["form"]
    assert form.errors == {
        "scale": ["The levels of a scale are whole numbers above 0, each higher than the one before."],
        "fiscal_year": ["The year of 1 is outside 2400–2800."],
    }
    assert form.tables["dimensions"].errors[0].keys() == {"parent"}


def test_grades_with_colours_are_written_on_the_page_of_the_header(client, editor, draft):
    grades = [{"start": "๒.๕", "label": "ผ่าน", "colour": "เขียว"}, {"start": "0", "label": "ไม่ผ่าน"}]
    typed = HEADER | table("dimensions") | table("units") | table("grades", *grades, {}) | {"grades_on": "highest"}

    client.post(at("draft-header", draft), typed | {"revision": str(draft.revision)})

    draft.refresh_from_db()
    assert draft.header["grades"] == [
        {"from": "2.5", "label": "ผ่าน", "colour": "เขียว"},
        {"from": "0", "label": "ไม่ผ่าน"},
    ]
    assert draft.header["grades_on"] == "5"


def test_grades_that_leave_a_score_without_one_are_refused(client, editor, draft):
    typed = HEADER | table("dimensions") | table("units") | table("grades", {"start": "60", "label": "ผ่าน"})

    form = client.post(at("draft-header", draft), typed | {"revision": str(draft.revision)}).context["form"]

    assert form.errors.keys() == {"grades_on"}


@pytest.mark.parametrize("path", FIXTURES, ids=[path.stem for path in FIXTURES])
def test_every_shipped_header_comes_back_from_its_page_as_it_was(path):
    document = canonical(read_document(path.read_bytes(), name=path.name))
    header = {key: value for key, value in document.items() if key not in {"indicators", "format", "code"}}
    shown = HeaderForm(header=header)
    typed = {field.html_name: field.value() or "" for field in shown}
    for formset in shown.tables.values():
        for part in (formset.management_form, *formset.forms):
            typed |= {field.html_name: "" if field.value() is None else field.value() for field in part}

    form = HeaderForm(typed, header=header)

    assert form.is_valid(), (form.errors, [one.errors for one in form.tables.values()])
    assert canonical({**form.header(), "format": 1, "code": "x", "indicators": []}) == canonical(
        {**header, "format": 1, "code": "x", "indicators": []}
    )


def test_a_header_written_meanwhile_is_shown_beside_mine_and_kept(client, editor, draft):
    typed = HEADER | table("dimensions") | table("units") | {"revision": str(draft.revision)}
    drafts.describe(draft, {**draft.header, "title": "ของเขา"}, shown=draft.revision, by=editor)

    context = client.post(at("draft-header", draft), typed).context

    assert next((one.label, one.before, one.after) for one in context["theirs"]) == ("Title", "ของเขา", "กรอบใหม่")
    draft.refresh_from_db()
    assert (draft.title, context["revision"]) == ("ของเขา", draft.revision)
    client.post(at("draft-header", draft), typed | {"revision": str(context["revision"])})
    draft.refresh_from_db()
    assert draft.title == "กรอบใหม่"


def test_an_added_indicator_opens_its_template(client, editor, draft):
    response = client.post(at("add-indicator", draft), {"code": "1", "title": "ใหม่"})

    assert response.url == at("template", draft.indicators.get())


def test_a_taken_number_is_refused_at_its_field(client, editor, draft):
    drafted(draft, "1")

    response = client.post(at("add-indicator", draft), {"code": "1", "title": "ใหม่"})

    assert response.context["form"].errors == {"code": ["There is an indicator 1 already."]}


def test_indicators_are_moved_and_removed(client, editor, draft):
    first, second = drafted(draft, "1"), drafted(draft, "2")

    client.post(at("arrange-indicator", second), {"up": "1"})
    assert [row.code for row in draft.indicators.in_order()] == ["2", "1"]
    client.post(at("arrange-indicator", second), {"down": "1"})
    assert [row.code for row in draft.indicators.in_order()] == ["1", "2"]
    client.post(at("remove-indicator", first))
    assert [row.code for row in draft.indicators.in_order()] == ["2"]


def test_ticked_indicators_are_copied_from_what_one_sees(client, editor, draft):
    library = FrameworkFactory(organisation=draft.organisation)
    wanted, _left = drafted(library, "7"), drafted(library, "8")
    hidden = drafted(DraftFactory(), "9")

    client.post(at("copy-indicators", draft), {"from": library.pk, "indicator": [wanted.pk, hidden.pk]})

    assert [row.code for row in draft.indicators.in_order()] == ["7"]
    asked = client.get(at("copy-indicators", draft), {"from": hidden.framework_id})
    assert asked.status_code == 404


def test_units_are_given_by_ticks_in_one_form(client, editor, draft):
    first, second = drafted(draft, "1", assigned_units=["a"]), drafted(draft, "2")
    ticks = {f"units_{second.pk}": ["a", "b"], "revision": str(draft.revision)}

    assert client.post(at("units", draft), ticks).url == at("draft", draft)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.assigned_units, second.assigned_units) == ([], ["a", "b"])


def test_ticks_over_unseen_ones_are_shown_beside_them(client, editor, draft):
    row = drafted(draft, "1")
    drafts.assign_units(draft, {"1": ["b"]}, shown=0, by=editor, at=NOON)

    context = client.post(at("units", draft), {f"units_{row.pk}": ["a"], "revision": "0"}).context

    assert [(one["differs"], one["now"]) for one in context["table"]] == [(True, ["งาน ข"])]
    row.refresh_from_db()
    assert row.assigned_units == ["b"]
    client.post(at("units", draft), {f"units_{row.pk}": ["a"], "revision": str(context["framework"].revision)})
    row.refresh_from_db()
    assert row.assigned_units == ["a"]


def test_a_draft_that_is_not_ready_is_not_published_and_says_why(client, editor, draft):
    drafted(draft, "1", weight="90")

    context = client.post(at("publish", draft)).context

    assert [one.says for one in context["check"].faults] == [
        "The weights of the indicators sum to 90; the framework's total is 100."
    ]
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_the_life_of_a_framework(client, editor, draft):
    row = drafted(draft, "1", weight="100")
    client.post(at("publish", draft))
    client.post(at("revise", draft))
    new = Framework.objects.get(status="draft")
    drafts.write_indicator(new.indicators.get(), row.definition | {"title": "แก้แล้ว"}, shown=0, by=editor, at=NOON)

    changes = client.get(at("publish", new)).context["changes"]
    client.post(at("publish", new))

    assert [(one.code, [(e.label, e.before, e.after) for e in one.entries]) for one in changes.changed] == [
        ("1", [("Title", "ตัวชี้วัด 1", "แก้แล้ว")])
    ]
    assert [(one.version, one.status) for one in Framework.objects.order_by("version")] == [
        (1, "superseded"),
        (2, "published"),
    ]
    again = client.get(at("framework-changes", new)).context
    assert (again["before"], again["changes"]) == (draft, changes)


@pytest.mark.parametrize("name", ["draft", "units", "publish"])
def test_a_draft_asks_the_database_as_often_for_six_indicators_as_for_two(client, editor, draft, name):
    def asked():
        parent = drafted(draft, f"p{draft.indicators.count()}", criteria=None)
        drafted(draft, f"c{draft.indicators.count()}", parent=parent)
        with CaptureQueriesContext(connection) as captured:
            client.get(at(name, draft))
        return len(captured)

    client.get(at(name, draft))
    one, _two, three = asked(), asked(), asked()

    assert three == one


def test_only_editors_are_offered_to_edit(client, editor, draft):
    drafted(draft, "1", weight="100")
    published = frameworks.publish(draft, by=editor, at=NOON)
    offer = "Make a draft of the next version"

    assert offer in client.get(published.get_absolute_url()).content.decode()
    client.force_login(PostingFactory(organisation=draft.organisation).user)
    assert offer not in client.get(published.get_absolute_url()).content.decode()
