import threading
import time
from copy import deepcopy
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from agreements.exchange.documents import read_document, write_document
from agreements.exchange.shape import canonical
from agreements.models import Event, Framework
from agreements.services import frameworks
from tests.factories import NOON, OrganisationFactory, RoleFactory

pytestmark = pytest.mark.django_db

FIXTURES = sorted(Path(settings.BASE_DIR, "fixtures", "frameworks").glob("*.yaml"))
THRESHOLDS = {"kind": "thresholds", "levels": {1: 60, 5: 100}}
SMALL = {
    "format": 1,
    "code": "small",
    "title": "กรอบเล็ก",
    "level": "province",
    "fiscal_year": 2556,
    "round": 1,
    "total_weight": 100,
    "dimensions": [
        # A part may stand before the whole.
        {"code": "part", "parent": "whole", "title": "ส่วน", "weight": 100},
        {"code": "whole", "title": "ทั้งหมด"},
    ],
    "indicators": [
        {
            "code": "1",
            "title": "รวม",
            "dimension": "part",
            "weight": 60,
            "children": [
                {"code": "1.1", "title": "ย่อยหนึ่ง", "weight": "40.5", "criteria": THRESHOLDS},
                {"code": "1.10", "title": "ย่อยสิบ", "weight": "19.5", "criteria": THRESHOLDS},
            ],
        },
        {"code": "2", "title": "เดี่ยว", "dimension": "part", "weight": 40, "criteria": THRESHOLDS},
    ],
}
ANOTHER = "“small” is being imported by somebody else at this moment. Try again."


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def organisation():
    return OrganisationFactory(code="cbi", name="สถจ.ชลบุรี")


def small(**changes):
    return {**deepcopy(SMALL), **changes}


def imported(document, organisation=None):
    return frameworks.import_framework(document, organisation=organisation, at=NOON, by=None)


def published(document, organisation=None):
    return frameworks.publish(imported(document, organisation).framework, at=NOON, by=None)


def content(framework):
    """Return everything that is stored of a framework."""
    columns = Framework.objects.filter(pk=framework.pk).values().get()
    return (
        columns,
        list(framework.dimensions.order_by("pk").values()),
        list(framework.indicators.order_by("pk").values()),
    )


# --- Rows ------------------------------------------------------------------------------------------------------------
def test_columns_of_the_framework(organisation):
    outcome = imported(small(), organisation)

    draft = Framework.objects.get()
    assert (outcome.framework, outcome.change, outcome.warnings) == (draft, "created", ())
    assert (draft.code, draft.version, draft.status, draft.organisation) == ("small", None, "draft", organisation)
    assert (draft.title, draft.level, draft.fiscal_year, draft.round_number) == ("กรอบเล็ก", "province", 2556, 1)
    assert (str(draft.total_weight), draft.created_at, draft.published_at) == ("100", NOON, None)
    assert draft.header == {key: value for key, value in canonical(SMALL).items() if key != "indicators"}


def test_rows_of_the_trees():
    draft = imported(small()).framework

    dimensions = draft.dimensions.order_by("order").values_list("order", "code", "parent__code", "title", "weight")
    assert [(*row[:4], row[4] and str(row[4])) for row in dimensions] == [
        (1, "part", "whole", "ส่วน", "100"),
        (2, "whole", None, "ทั้งหมด", None),
    ]
    indicators = draft.indicators.order_by("order")
    assert [
        (row.order, row.code, row.parent and row.parent.code, row.dimension and row.dimension.code, str(row.weight))
        for row in indicators
    ] == [
        (1, "1", None, "part", "60"),
        (2, "1.1", "1", None, "40.5"),
        (3, "1.10", "1", None, "19.5"),
        (4, "2", None, "part", "40"),
    ]
    assert indicators[0].definition == {"code": "1", "dimension": "part", "title": "รวม", "weight": "60"}
    assert indicators[3].definition == {
        "code": "2",
        "dimension": "part",
        "title": "เดี่ยว",
        "weight": "40",
        "criteria": {"kind": "thresholds", "levels": {"1": "60", "5": "100"}},
    }


@pytest.mark.parametrize("children", [1, 50])
def test_number_of_queries_does_not_grow_with_the_indicators(django_assert_num_queries, children):
    below = [{"code": f"1.{n}", "title": "ก", "weight": 2, "criteria": THRESHOLDS} for n in range(children)]
    composite = {"code": "1", "title": "ก", "weight": 2 * children, "children": below}
    document = small(dimensions=[], total_weight=None, indicators=[composite])

    with django_assert_num_queries(10):
        imported(document)


# --- Importing again -------------------------------------------------------------------------------------------------
def test_the_same_again_is_unchanged():
    first = imported(small()).framework
    before = content(first)

    outcome = imported(small(round="1", source=None))

    assert (outcome.framework, outcome.change) == (first, "unchanged")
    assert content(first) == before


def test_a_draft_is_updated():
    first = imported(small()).framework
    single = {"code": "2", "title": "เดี่ยว", "weight": 100, "criteria": THRESHOLDS}

    outcome = imported(small(title="ชื่อใหม่", dimensions=[], indicators=[single]))

    assert (outcome.framework, outcome.change) == (first, "updated")
    first.refresh_from_db()
    assert first.title == "ชื่อใหม่"
    assert list(first.indicators.values_list("code", flat=True)) == ["2"]
    assert list(first.dimensions.all()) == []


def test_a_published_one_never_changes():
    first = published(small())
    before = content(first)

    assert imported(small()).change == "unchanged"
    outcome = imported(small(title="ชื่อใหม่"))

    assert (outcome.framework.reference, outcome.change) == ("small", "new_draft")
    assert outcome.framework != first
    assert content(first) == before
    assert content(outcome.framework) != before
    # The control: the same import does change a draft.
    draft = content(outcome.framework)
    imported(small(title="ชื่อใหม่กว่า"))
    assert content(outcome.framework) != draft
    assert content(first) == before


def test_a_draft_over_a_published_one_is_updated_in_its_turn():
    published(small())
    draft = imported(small(title="สอง")).framework

    outcome = imported(small(title="สาม"))

    assert (outcome.framework, outcome.change) == (draft, "updated")
    assert Framework.objects.filter(code="small").count() == 2


# --- Refusals --------------------------------------------------------------------------------------------------------
def test_all_faults_are_told_and_nothing_changes():
    before = content(imported(small()).framework)
    wrong = small(title=None, levl="province")
    wrong["indicators"][0]["children"][1]["weight"] = 20

    with pytest.raises(frameworks.ImportRefused) as caught:
        imported(wrong)

    assert {(fault.code, fault.place) for fault in caught.value.faults} == {
        ("unknown_key", "levl"),
        ("missing", "title"),
        ("children_weights", "indicators[0].children"),
    }
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == [
        fault.place for fault in caught.value.faults
    ]
    assert content(Framework.objects.get()) == before


def test_a_code_without_quotes_is_refused():
    text = write_document(SMALL, "yaml").replace('code: "1.10"', "code: 1.10")

    with pytest.raises(frameworks.ImportRefused) as caught:
        imported(read_document(text, name="small.yaml"))

    assert [(fault.code, fault.place) for fault in caught.value.faults] == [
        ("code_not_text", "indicators[0].children[1].code")
    ]


def bare(indicator):
    return {"total_weight": None, "dimensions": [], "indicators": [{"title": "ก", "criteria": THRESHOLDS, **indicator}]}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"code": "small@2"}, "code: A framework's code holds no @, which stands before the number of a version."),
        ({"code": "x" * 81}, "code: This is too long; 80 characters are allowed."),
        ({"title": "ก" * 501}, "title: This is too long; 500 characters are allowed."),
        (
            {"dimensions": [{"code": "part", "title": "ก" * 501}]},
            "dimensions[0].title: This is too long; 500 characters are allowed.",
        ),
        (
            bare({"code": "1", "criteria": None, "children": [bare({"code": "x" * 81})["indicators"][0]]}),
            "indicators[0].children[0].code: This is too long; 80 characters are allowed.",
        ),
        (
            bare({"code": "1", "weight": "1." + "1" * 39}),
            "indicators[0].weight: This is too long; 40 characters are allowed.",
        ),
    ],
)
def test_what_the_columns_do_not_hold(changes, line):
    with pytest.raises(frameworks.ImportRefused) as caught:
        imported(small(**changes))

    assert str(caught.value) == line
    assert not Framework.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_begin_a_code_at_once():
    begun = threading.Event()
    ended = []

    def begin():
        begun.set()
        try:
            with translation.override("en"):
                imported(small(title="สอง"))
        except frameworks.CodeTaken as refusal:
            ended.append(refusal.args[0])
        finally:
            connection.close()

    other = threading.Thread(target=begin)
    with transaction.atomic():
        imported(small())
        other.start()
        begun.wait()
        time.sleep(0.5)  # it waits for this transaction's row now
        assert ended == []
    other.join()

    assert ended == [ANOTHER]
    assert Framework.objects.get().title == "กรอบเล็ก"


# --- Whose it is -----------------------------------------------------------------------------------------------------
def test_a_code_belongs_to_its_first_organisation(organisation):
    imported(small(), organisation)

    with pytest.raises(frameworks.CodeTaken) as caught:
        imported(small(title="ของเรา"), OrganisationFactory())

    assert str(caught.value) == "The framework “small” belongs to สถจ.ชลบุรี (cbi)."
    assert Framework.objects.get().title == "กรอบเล็ก"


def test_a_known_code_keeps_its_owner(organisation):
    first = published(small(), organisation)

    assert imported(small()).framework == first
    assert imported(small(title="สอง")).framework.organisation == organisation


def test_a_draft_for_all_may_be_given_to_an_organisation(organisation):
    first = imported(small()).framework

    outcome = imported(small(), organisation)

    assert (outcome.framework, outcome.change, outcome.framework.organisation) == (first, "updated", organisation)


def test_what_was_published_for_all_stays_with_all(organisation):
    published(small())

    with pytest.raises(frameworks.CodeTaken) as caught:
        imported(small(title="สอง"), organisation)

    assert str(caught.value) == "The framework “small” serves all; it cannot become that of one organisation."


# --- Publication -----------------------------------------------------------------------------------------------------
def test_publishing_numbers_the_version():
    draft = imported(small()).framework

    framework = frameworks.publish(draft, at=NOON, by=None)

    framework.refresh_from_db()
    assert (framework.pk, framework.reference, framework.status) == (draft.pk, "small@1", "published")
    assert framework.published_at == NOON


def test_publishing_supersedes_the_earlier():
    first, second, third = published(small()), published(small(title="สอง")), published(small(title="สาม"))

    states = Framework.objects.order_by("version").values_list("pk", "version", "status")
    assert list(states) == [
        (first.pk, 1, "superseded"),
        (second.pk, 2, "superseded"),
        (third.pk, 3, "published"),
    ]


def test_publishing_twice_is_refused():
    draft = imported(small()).framework
    frameworks.publish(draft, at=NOON, by=None)
    draft = Framework.objects.get()

    with pytest.raises(frameworks.NotADraft) as caught:
        frameworks.publish(draft, at=NOON, by=None)

    assert str(caught.value) == "small@1 is published already."
    assert Framework.objects.get().version == 1


# --- Export ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
@pytest.mark.parametrize("format_", ["yaml", "json"])
def test_export_then_import_changes_nothing(fixture, format_):
    first = imported(read_document(fixture.read_bytes(), name=fixture.name)).framework

    text = write_document(frameworks.framework_document(first), format_)
    outcome = imported(read_document(text, name=f"file.{format_}"))

    assert (outcome.framework, outcome.change) == (first, "unchanged")


def test_the_document_is_given_back():
    framework = imported(small()).framework

    document = frameworks.framework_document(framework)

    assert document == canonical(SMALL)
    assert write_document(document, "json") == write_document(SMALL, "json")


@pytest.mark.parametrize(("reference", "found"), [("small", "small@2"), ("small@1", "small@1"), ("other", "other")])
def test_frameworks_are_called_by_code_and_version(reference, found):
    published(small())
    published(small(title="สอง"))
    imported(small(title="สาม"))
    imported(small(code="other"))

    assert frameworks.framework_called(reference).reference == found


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("smal", "There is no framework “smal”. Did you mean: small@1?"),
        ("small@2", "There is no framework “small@2”. Did you mean: small@1?"),
        ("zzzzzzzzz", "There is no framework “zzzzzzzzz”."),
        ("small@๑", "There is no framework “small@๑”. Did you mean: small@1?"),
        ("small@1" + "0" * 9, f"There is no framework “small@1{'0' * 9}”. Did you mean: small@1?"),
        ("@1", "There is no framework “@1”."),
    ],
)
def test_frameworks_that_are_not_there(reference, message):
    published(small())

    with pytest.raises(frameworks.NoSuchFramework) as caught:
        frameworks.framework_called(reference)

    assert str(caught.value) == message


# --- The log ---------------------------------------------------------------------------------------------------------
def test_acts_are_in_the_log_of_the_office(organisation):
    editor = RoleFactory(organisation=organisation, kind="framework_editor").user
    group = OrganisationFactory(parent=organisation, kind="group")

    draft = frameworks.import_framework(small(), organisation=group, at=NOON, by=editor).framework
    frameworks.publish(draft, at=NOON, by=editor)
    frameworks.import_framework(small(), organisation=group, at=NOON, by=editor)

    events = Event.objects.order_by("number")
    digest = draft.content_hash
    assert [(event.verb, event.office, event.actor, event.text.details) for event in events] == [
        ("framework.imported", organisation, editor, {"framework": "small", "change": "created", "content": digest}),
        ("framework.published", organisation, editor, {"framework": "small@1", "content": digest}),
    ]


def test_what_serves_all_is_in_no_offices_log():
    published(small())

    assert not Event.objects.exists()
