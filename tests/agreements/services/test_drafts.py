import pytest
from django.utils import translation

import scoring
from agreements.exchange.shape import content_hash
from agreements.models import Event, Framework, Indicator
from agreements.services import drafts, frameworks
from agreements.services.frameworks import framework_document
from tests.factories import (
    NOON,
    THRESHOLDS,
    DraftFactory,
    FrameworkFactory,
    OrganisationFactory,
    RoleFactory,
    UserFactory,
    drafted,
    editor_of,
)

pytestmark = pytest.mark.django_db

HEADER = {"code": "new", "title": "กรอบใหม่", "level": "province", "fiscal_year": 2557, "total_weight": "100"}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def draft():
    return DraftFactory()


@pytest.fixture
def editor(draft):
    return editor_of(draft)


def codes(draft):
    return [row.code for row in draft.indicators.in_order()]


# --- A draft begins --------------------------------------------------------------------------------------------------
def test_an_editor_begins_a_framework_of_an_office_below():
    province = OrganisationFactory()
    district = OrganisationFactory(parent=province, kind="district")
    editor = RoleFactory(organisation=province, kind="framework_editor").user

    draft = drafts.start_framework(HEADER, organisation=district, by=editor, at=NOON)

    assert (draft.code, draft.status, draft.version, draft.organisation) == ("new", "draft", None, district)
    assert framework_document(draft) == {"format": 1, **HEADER, "indicators": []}
    assert Event.objects.get().verb == "framework.started"


@pytest.mark.parametrize("kind", ["hr", "executive", "framework_editor"])
def test_nobody_else_begins_one(kind):
    office = OrganisationFactory()
    # An editor of another office is nobody here.
    stranger = RoleFactory(kind=kind).user

    with pytest.raises(drafts.NotTheEditor):
        drafts.start_framework(HEADER, organisation=office, by=stranger, at=NOON)

    assert not Framework.objects.exists()


def test_a_taken_code_is_refused(draft, editor):
    FrameworkFactory(code="new")

    with pytest.raises(drafts.DraftRefused, match="There is a framework “new” already"):
        drafts.start_framework(HEADER, organisation=draft.organisation, by=editor, at=NOON)


def test_a_draft_of_the_next_version_says_what_the_published_one_says(draft, editor):
    parent = drafted(draft, "1", weight="100", criteria=None)
    drafted(draft, "1.1", weight="100", parent=parent, assigned_units=["b"])
    published = frameworks.publish(draft, by=editor, at=NOON)

    new = drafts.revise(published, by=editor, at=NOON)

    assert framework_document(new) == framework_document(published)
    assert new.content_hash == content_hash(framework_document(published))
    assert (published.status, new.status, new.version) == ("published", "draft", None)
    with pytest.raises(drafts.DraftRefused, match="There is a draft of this framework already"):
        drafts.revise(published, by=editor, at=NOON)


# --- The header ------------------------------------------------------------------------------------------------------
def test_a_header_is_written_over_the_one_that_was_seen(draft, editor):
    dimensions = [
        {"code": "whole", "title": "ทั้งหมด"},
        {"code": "part", "parent": "whole", "title": "ส่วน", "weight": "60"},
    ]

    drafts.describe(draft, HEADER | {"code": "other", "dimensions": dimensions}, shown=draft.revision, by=editor)

    draft.refresh_from_db()
    assert (draft.code, draft.title, draft.fiscal_year, draft.revision) == (draft.code, "กรอบใหม่", 2557, 1)
    assert draft.header["code"] != "other"
    assert [(one.code, getattr(one.parent, "code", None)) for one in draft.dimensions.order_by("order")] == [
        ("whole", None),
        ("part", "whole"),
    ]


def test_a_header_that_somebody_wrote_since_is_not_overwritten(draft, editor):
    drafts.describe(draft, HEADER, shown=0, by=editor)

    with pytest.raises(drafts.ChangedMeanwhile):
        drafts.describe(draft, HEADER | {"title": "อีกชื่อ"}, shown=0, by=editor)

    draft.refresh_from_db()
    assert draft.title == "กรอบใหม่"


def test_a_unit_that_an_indicator_names_stays(draft, editor):
    drafted(draft, "1", assigned_units=["b"])

    with pytest.raises(drafts.DraftRefused, match="Indicator 1 still names “b”"):
        drafts.describe(draft, HEADER | {"units": [{"code": "a", "title": "งาน ก"}]}, shown=0, by=editor)


# --- Indicators ------------------------------------------------------------------------------------------------------
def add(draft, editor, code, parent=None):
    return drafts.add_indicator(draft, code=code, title="ใหม่", parent=parent, dimension="", by=editor, at=NOON)


def test_a_new_indicator_stands_last_with_criteria_not_given_yet(draft, editor):
    drafted(draft, "1")

    row = add(draft, editor, "2")

    assert codes(draft) == ["1", "2"]
    assert row.definition == {"code": "2", "title": "ใหม่", "criteria": {"kind": "open"}}


def test_a_sub_indicator_makes_its_parent_a_composite_and_going_gives_it_open_criteria_again(draft, editor):
    parent = add(draft, editor, "1")
    add(draft, editor, "2")

    child = add(draft, editor, "1.1", parent=parent)

    parent.refresh_from_db()
    assert codes(draft) == ["1", "1.1", "2"]
    assert parent.definition == {"code": "1", "title": "ใหม่"}
    drafts.remove_indicator(child, by=editor, at=NOON)
    parent.refresh_from_db()
    assert parent.definition == {"code": "1", "title": "ใหม่", "criteria": {"kind": "open"}}


def test_criteria_are_never_dropped_for_a_sub_indicator(draft, editor):
    parent = drafted(draft, "1")

    with pytest.raises(drafts.DraftRefused, match="Indicator 1 has criteria or a measure of its own"):
        add(draft, editor, "1.1", parent=parent)

    assert codes(draft) == ["1"]


def test_an_indicator_moves_with_its_sub_indicators_and_stays_at_the_ends(draft, editor):
    first = drafted(draft, "1", criteria=None)
    drafted(draft, "1.1", parent=first)
    second = drafted(draft, "2")

    drafts.move_up(second, by=editor)
    assert codes(draft) == ["2", "1", "1.1"]
    drafts.move_up(second, by=editor)
    assert codes(draft) == ["2", "1", "1.1"]
    drafts.move_down(second, by=editor)
    assert codes(draft) == ["1", "1.1", "2"]


def test_writing_an_indicator_counts_and_says_who_and_when(draft, editor):
    row = drafted(draft, "1")
    definition = {"code": "1a", "title": "ชื่อใหม่", "weight": 40, "criteria": THRESHOLDS}

    drafts.write_indicator(row, definition, shown=0, by=editor, at=NOON)

    row.refresh_from_db()
    draft.refresh_from_db()
    assert (row.code, row.title, str(row.weight), row.revision) == ("1a", "ชื่อใหม่", "40", 1)
    assert (row.changed_by, row.changed_at) == (editor, NOON)
    assert row.definition["weight"] == "40"
    assert draft.content_hash == content_hash(framework_document(draft))


def test_the_same_again_is_no_write(draft, editor):
    row = drafted(draft, "1")

    assert drafts.write_indicator(row, row.definition, shown=0, by=editor, at=NOON).revision == 0


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (drafts.write_indicator, {"code": "1", "title": "ของฉัน", "criteria": THRESHOLDS}),
        (drafts.keep_typed, {"title": ["ของฉัน"]}),
    ],
)
def test_nobody_overwrites_what_they_have_not_seen(draft, editor, write, says):
    row = drafted(draft, "1")
    drafts.write_indicator(row, row.definition | {"title": "ของเขา"}, shown=0, by=editor, at=NOON)

    with pytest.raises(drafts.ChangedMeanwhile):
        write(row, says, shown=0, by=editor, at=NOON)

    row.refresh_from_db()
    assert (row.title, row.typed, row.revision) == ("ของเขา", None, 1)


def test_control_who_has_seen_it_writes(draft, editor):
    row = drafted(draft, "1")
    drafts.write_indicator(row, row.definition | {"title": "ของเขา"}, shown=0, by=editor, at=NOON)

    drafts.write_indicator(row, row.definition | {"title": "ของฉัน"}, shown=1, by=editor, at=NOON)

    row.refresh_from_db()
    assert (row.title, row.revision) == ("ของฉัน", 2)


def test_what_is_no_indicator_is_refused_and_kept_as_typed_it_bars_publication(draft, editor):
    row = drafted(draft, "1", weight="100")
    upside_down = row.definition | {"criteria": {"kind": "thresholds", "levels": {"1": "1", "2": "3", "3": "2"}}}

    with pytest.raises(scoring.Refused):
        drafts.write_indicator(row, upside_down, shown=0, by=editor, at=NOON)
    drafts.keep_typed(row, {"level_1": ["1"]}, shown=0, by=editor, at=NOON)

    row.refresh_from_db()
    assert (row.typed, row.definition["criteria"]) == ({"level_1": ["1"]}, THRESHOLDS)
    with pytest.raises(frameworks.ImportRefused, match="Indicator 1 is not finished"):
        frameworks.publish(draft, by=editor, at=NOON)


def test_control_finished_it_is_published(draft, editor):
    row = drafted(draft, "1", weight="100")
    drafts.keep_typed(row, {"level_1": ["1"]}, shown=0, by=editor, at=NOON)
    drafts.write_indicator(row, row.definition, shown=1, by=editor, at=NOON)

    assert frameworks.publish(draft, by=editor, at=NOON).version == 1


def test_weights_that_do_not_sum_up_bar_publication(draft, editor):
    drafted(draft, "1", weight="90")

    with pytest.raises(frameworks.ImportRefused, match="sum to 90"):
        frameworks.publish(draft, by=editor, at=NOON)

    draft.refresh_from_db()
    assert draft.status == "draft"


# --- Copying ---------------------------------------------------------------------------------------------------------
def test_copying_adds_at_the_end_and_changes_nothing_that_is_there(draft, editor):
    kept = drafted(draft, "1", title="ของเดิม")
    library = FrameworkFactory(header={"units": []})
    parent = drafted(library, "1", title="ของคลัง", criteria=None, dimension="elsewhere", assigned_units=["a", "z"])
    drafted(library, "1.1", parent=parent)

    drafts.copy_indicators(draft, library.indicators.in_order(), by=editor, at=NOON)

    assert [(row.code, row.title) for row in draft.indicators.in_order()] == [
        ("1", "ของเดิม"),
        ("1-2", "ของคลัง"),
        ("1.1", "ตัวชี้วัด 1.1"),
    ]
    copied = Indicator.objects.get(framework=draft, code="1-2")
    assert copied.definition == {"code": "1-2", "title": "ของคลัง", "assigned_units": ["a"]}
    assert draft.indicators.get(code="1.1").parent == copied
    assert draft.indicators.get(code="1").definition == kept.definition
    assert codes(library) == ["1", "1.1"]


# --- Who is given what -----------------------------------------------------------------------------------------------
def test_the_matrix_is_saved_as_one(draft, editor):
    first, second = drafted(draft, "1", assigned_units=["a"]), drafted(draft, "2")

    drafts.assign_units(draft, {"1": [], "2": ["b", "a", "nowhere"]}, shown=0, by=editor, at=NOON)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.assigned_units, "assigned_units" in first.definition) == ([], False)
    assert second.assigned_units == ["a", "b"]
    assert (first.revision, second.revision) == (1, 1)


def test_the_matrix_does_not_go_over_a_template_that_gave_another_unit(draft, editor):
    row = drafted(draft, "1")
    drafts.write_indicator(row, row.definition | {"assigned_units": ["b"]}, shown=0, by=editor, at=NOON)

    with pytest.raises(drafts.ChangedMeanwhile):
        drafts.assign_units(draft, {"1": ["a"]}, shown=0, by=editor, at=NOON)

    row.refresh_from_db()
    assert row.assigned_units == ["b"]


# --- Who may ---------------------------------------------------------------------------------------------------------
ACTS = {
    "describe": lambda draft, row, by: drafts.describe(draft, HEADER, shown=0, by=by),
    "add": lambda draft, row, by: add(draft, by, "9"),
    "write": lambda draft, row, by: drafts.write_indicator(row, row.definition, shown=0, by=by, at=NOON),
    "keep": lambda draft, row, by: drafts.keep_typed(row, {}, shown=0, by=by, at=NOON),
    "remove": lambda draft, row, by: drafts.remove_indicator(row, by=by, at=NOON),
    "move": lambda draft, row, by: drafts.move_up(row, by=by),
    "copy": lambda draft, row, by: drafts.copy_indicators(draft, [], by=by, at=NOON),
    "assign": lambda draft, row, by: drafts.assign_units(draft, {}, shown=0, by=by, at=NOON),
    "publish": lambda draft, row, by: frameworks.publish(draft, by=by, at=NOON),
}


@pytest.mark.parametrize("act", ACTS)
def test_only_an_editor_of_the_office_changes_its_draft(draft, act):
    row = drafted(draft, "1", weight="100")
    before = framework_document(draft)

    for stranger in (
        UserFactory(),
        RoleFactory(kind="framework_editor").user,
        RoleFactory(organisation=draft.organisation).user,
    ):
        with pytest.raises(drafts.NotTheEditor):
            ACTS[act](draft, row, stranger)

    draft.refresh_from_db()
    assert framework_document(draft) == before
    ACTS[act](draft, row, editor_of(draft))


@pytest.mark.parametrize("act", ACTS)
def test_a_published_framework_never_changes(draft, editor, act):
    row = drafted(draft, "1", weight="100")
    frameworks.publish(draft, by=editor, at=NOON)
    before = framework_document(draft)

    with pytest.raises(frameworks.NotADraft):
        ACTS[act](draft, row, editor)

    assert framework_document(Framework.objects.get(pk=draft.pk)) == before


def test_an_empty_draft_takes_over_dimensions_and_units_of_what_is_copied(editor, draft):
    header = {
        "dimensions": [{"code": "outer", "title": "มิติ", "weight": "100"}],
        "units": [{"code": "a", "title": "งาน ก"}],
    }
    source = FrameworkFactory(header=header)
    drafted(source, "1", dimension="outer", assigned_units=["a"])
    draft.header = {key: value for key, value in draft.header.items() if key not in {"dimensions", "units"}}
    draft.save()

    drafts.copy_indicators(draft, source.indicators.in_order(), by=editor, at=NOON)

    draft.refresh_from_db()
    assert {key: draft.header[key] for key in header} == header
    copied = draft.indicators.get()
    assert (copied.dimension.title, copied.assigned_units) == ("มิติ", ["a"])
