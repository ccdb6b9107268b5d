import pytest
from django.utils import translation

from agreements.models import Event, Framework, Organisation, Role
from agreements.services import drafts, framework_life, frameworks
from agreements.services.drafts import ChangedMeanwhile, DraftRefused
from agreements.services.frameworks import NotADraft, NotTheEditor
from tests.factories import (
    NOON,
    DraftFactory,
    FrameworkFactory,
    OrganisationFactory,
    RoleFactory,
    drafted,
    editor_of,
    made_whole,
)
from tests.guards import lifted

UNITS = [{"code": "a", "title": "ก"}]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def published():
    framework = FrameworkFactory(
        code="office-2556-1",
        title="กรอบ ปี ๒๕๕๖",
        header={"source": "บันทึก 2556", "units": [{"code": "a", "title": "ก"}]},
    )
    late = {"due": "2013-03-20", "cutoff": "2012-02-29", "per_working_day": "0.25"}
    targets = [{"period": "2012-12", "value": "1"}, {"period": {"from": "2012-10", "to": "2013-09-30"}, "value": "2"}]
    drafted(framework, "1", weight="60", lateness=late, targets=targets, assigned_units=["a"])
    above = drafted(framework, "2", weight="40", criteria=None)
    drafted(framework, "2.1", weight="40", parent=above)
    return made_whole(framework)


def begin(framework, by, **changes):
    says = {"organisation": framework.organisation, "code": "office-2557-1", "title": "กรอบ ปี ๒๕๕๗"}
    says |= {"fiscal_year": 2557, "round_number": 1, "by": by, "at": NOON}
    return framework_life.begin_next(framework, **(says | changes))


def test_code_and_title_of_the_next_year_are_proposed_in_the_digits_that_stand_there(published):
    proposal = framework_life.propose_next(published)

    assert (proposal.code, proposal.title, proposal.fiscal_year) == ("office-2557-1", "กรอบ ปี ๒๕๕๗", 2557)


def test_a_code_that_is_taken_or_names_no_year_gets_one(published):
    FrameworkFactory(code="office-2557-1")
    assert framework_life.propose_next(published).code == "office-2557-1-2"
    assert framework_life.propose_next(FrameworkFactory(code="office")).code == "office-2557"


def test_what_is_of_no_year_has_no_next():
    with pytest.raises(DraftRefused):
        framework_life.propose_next(FrameworkFactory(fiscal_year=None, level="library"))


def test_next_years_framework_is_a_draft_with_everything_and_its_dates_a_year_on(published):
    before = frameworks.framework_document(published)

    draft = begin(published, editor_of(published))

    document = frameworks.framework_document(draft)
    assert (draft.status, draft.version, document["code"], document["fiscal_year"]) == (
        "draft", None, "office-2557-1", 2557,
    )  # fmt: skip
    assert draft.begun_from == published
    assert "source" not in document
    assert document["units"] == before["units"]
    one, two = document["indicators"]
    assert one["lateness"] == {"due": "2014-03-20", "per_working_day": "0.25", "cutoff": "2013-02-28"}
    assert [target["period"] for target in one["targets"]] == ["2013-12", {"from": "2013-10", "to": "2014-09-30"}]
    assert one["assigned_units"] == ["a"]
    assert two == before["indicators"][1]
    published.refresh_from_db()
    assert (frameworks.framework_document(published), published.status) == (before, "published")
    assert [event.verb for event in Event.objects.order_by("number")] == [
        "framework.started", "framework.copied_for_another_year",
    ]  # fmt: skip


def test_only_an_editor_of_the_office_begins_its_next_year(published):
    with pytest.raises(NotTheEditor):
        begin(published, editor_of(FrameworkFactory()))
    assert Framework.objects.count() == 2


def test_a_draft_is_discarded_and_the_published_one_stands(published):
    editor = editor_of(published)
    draft = drafts.revise(published, by=editor, at=NOON)

    framework_life.discard(draft, shown=draft.revision, by=editor, at=NOON)

    assert list(Framework.objects.filter(code=published.code)) == [published]
    assert published.indicators.count() == 3
    event = Event.objects.order_by("-number").first()
    assert (event.verb, event.text.details["indicators"]) == ("framework.discarded", 3)


def test_a_published_framework_is_never_discarded(published):
    with pytest.raises(NotADraft):
        framework_life.discard(published, shown=published.revision, by=editor_of(published), at=NOON)
    assert Framework.objects.get() == published


def test_control_without_asking_for_a_draft_the_published_one_would_be_gone(published, monkeypatch):
    monkeypatch.setattr(framework_life, "locked", lambda draft, by: draft)

    # Behind the service the database itself guards what was published; it is lifted, too.
    with lifted():
        framework_life.discard(published, shown=published.revision, by=editor_of(published), at=NOON)

    assert not Framework.objects.exists()


def test_a_draft_that_somebody_wrote_meanwhile_is_not_discarded():
    draft = DraftFactory()
    editor = editor_of(draft)
    shown = draft.revision
    drafts.describe(draft, {**draft.header, "title": "ของเขา"}, shown=shown, by=editor)

    with pytest.raises(ChangedMeanwhile):
        framework_life.discard(draft, shown=shown, by=editor, at=NOON)
    assert Framework.objects.get() == draft


def test_units_of_the_office_are_offered_and_those_that_reach_nobody_are_told():
    office = OrganisationFactory()
    for name, code in (("งานคลัง", "finance"), ("อำเภอ ก", "district"), ("อำเภอ ข", "district")):
        OrganisationFactory(parent=office, name=name, kind="group", unit_code=code)
    draft = DraftFactory(
        organisation=office, header={"units": [{"code": "finance", "title": "คลัง"}, {"code": "x", "title": "ลอย"}]}
    )
    made_whole(draft)

    assert [(unit.title, unit.offices) for unit in framework_life.units_of(draft)] == [
        ("คลัง", ("งานคลัง",)),
        ("ลอย", ()),
    ]
    (offered,) = framework_life.units_to_offer(draft)
    assert (offered.code, offered.offices) == ("district", ("อำเภอ ก", "อำเภอ ข"))

    framework_life.add_units(draft, [{"code": "district", "title": "อำเภอ"}], shown=draft.revision, by=editor_of(draft))
    draft.refresh_from_db()
    assert [unit["code"] for unit in draft.header["units"]] == ["finance", "x", "district"]
    with pytest.raises(DraftRefused):
        framework_life.add_units(draft, [{"code": "x", "title": "อีก"}], shown=draft.revision, by=editor_of(draft))


# --- Numbers ---------------------------------------------------------------------------------------------------------
def test_after_a_move_the_indicators_are_numbered_in_their_order_with_their_sub_indicators(published):
    editor = editor_of(published)
    draft = drafts.revise(published, by=editor, at=NOON)
    assert framework_life.new_numbers(draft.indicators.in_order()) == {}
    drafts.move_up(draft.indicators.get(code="2"), by=editor)
    draft.refresh_from_db()

    framework_life.number_anew(draft, shown=draft.revision, by=editor, at=NOON)

    rows = draft.indicators.in_order()
    assert [(row.code, row.definition["code"], row.weight) for row in rows] == [
        ("1", "1", 40), ("1.1", "1.1", 40), ("2", "2", 60),
    ]  # fmt: skip
    assert framework_life.new_numbers(rows) == {}


@pytest.mark.parametrize("codes", [("2.3(8)", "1"), ("2.1", "1.1")])
def test_numbers_that_mean_something_are_left_alone(codes):
    draft = DraftFactory()
    for code in codes:
        drafted(draft, code)

    assert framework_life.new_numbers(draft.indicators.in_order()) == {}


def test_a_number_that_is_typed_and_not_saved_yet_follows(published):
    editor = editor_of(published)
    draft = drafts.revise(published, by=editor, at=NOON)
    row = draft.indicators.get(code="1")
    drafts.keep_typed(row, {"code": ["1"], "title": [""]}, shown=row.revision, by=editor, at=NOON)
    drafts.move_down(row, by=editor)
    draft.refresh_from_db()

    framework_life.number_anew(draft, shown=draft.revision, by=editor, at=NOON)

    row.refresh_from_db()
    assert (row.code, row.typed) == ("2", {"code": ["2"], "title": [""]})


# --- What serves all offices -----------------------------------------------------------------------------------------
@pytest.fixture
def library():
    library = FrameworkFactory(
        organisation=None, level="library", fiscal_year=None, round_number=None, total_weight=None
    )
    drafted(library, "1", weight="1")
    return made_whole(library)


def role_at(kind, *, below=None):
    place = OrganisationFactory(kind=kind, **({"parent": below} if below else {}))
    return RoleFactory(organisation=place, kind=Role.Kind.FRAMEWORK_EDITOR)


def test_an_editor_at_the_top_of_a_department_edits_what_serves_all(library):
    role = role_at(Organisation.Kind.DEPARTMENT)

    draft = drafts.revise(library, by=role.user, at=NOON)

    assert list(Framework.objects.editable_by(role.user)) == [draft]
    assert Event.objects.get().office == role.organisation


@pytest.mark.parametrize("kind", ["province", "municipality"])
def test_no_other_editor_edits_what_serves_all(library, kind):
    top = role_at(kind)
    below = role_at(Organisation.Kind.DEPARTMENT, below=OrganisationFactory(kind="department"))

    for role in (top, below):
        assert not Framework.objects.edited_by(role.user).filter(pk=library.pk).exists()
        with pytest.raises(NotTheEditor):
            drafts.revise(library, by=role.user, at=NOON)
        with pytest.raises(NotTheEditor):
            drafts.start_framework(
                {"code": "new", "title": "ใหม่", "level": "library", "fiscal_year": None},
                organisation=None, by=role.user, at=NOON,
            )  # fmt: skip
