from datetime import date

import pytest
from django.utils import translation

from agreements.actions import NotAllowed
from agreements.exchange.shape import canonical
from agreements.models import Organisation, Result, State
from agreements.services import (
    bindings,
    content as contents,
    frameworks,
    results,
    submission_judging as judging,
    submissions,
)
from scoring import Refused, read_framework
from tests.factories import THRESHOLDS
from tests.guards import lifted
from tests.reporting import NOON, Tree, cells
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db
DECEMBER, JANUARY = date(2012, 12, 1), date(2013, 1, 1)
SHARE = {
    "kind": "formula",
    "expression": "done / every * 100",
    "variables": {
        "done": {"label": "จัดตั้งแล้ว", "bind": {"form": "centres-monthly", "column": "centres.established"}},
        "every": {"label": "ทั้งหมด", "bind": {"form": "centres-monthly", "column": "centres.all"}},
    },
}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def bound(**bind):
    """Return the measure, with this added to where its values are taken from."""
    variables = {name: says | {"bind": says["bind"] | bind} for name, says in SHARE["variables"].items()}
    return SHARE | {"variables": variables}


def place_with(tree, measure=SHARE, **definition):
    """Return an office agreed on one item that takes its values from the reports of the tree's first district."""
    place = office()
    here = Organisation.objects.get(pk=place.province.pk)
    Organisation.objects.move(here, Organisation.objects.get(pk=tree.first.pk), "last-child")
    says = {"assigned_units": ["general"], "criteria": THRESHOLDS, "measure": measure, "unit": "ร้อยละ"} | definition
    with lifted():
        for indicator in place.indicators:
            indicator.definition = says
            indicator.save()
    return bring_to(place, State.AGREED)


def item_of(place):
    return results.open_book(place.version).leaves[0]


def offers(place, at=NOON):
    return bindings.offers_for(place.version, item_of(place), at=at)


def copy(place, by=None, at=NOON):
    return bindings.copy(place.version, item_of(place), by=by or place.assessee, at=at)


def test_certified_reports_of_the_round_are_summed_and_named():
    tree = Tree()
    place = place_with(tree)
    first = tree.certified(tree.first, ("10", "2", "8"), period=DECEMBER)
    second = tree.certified(tree.first, ("10", "5", "5"))

    done, every = offers(place).variables

    assert (done.value, every.value, done.unit) == ("7", "20", tree.first)
    assert [(one.submission, one.revision, one.value) for one in done.sources] == [
        (first.pk, 1, "2"), (second.pk, 1, "5"),
    ]  # fmt: skip
    assert done.missing == (date(2012, 10, 1), date(2012, 11, 1), date(2013, 2, 1))


@pytest.mark.parametrize(
    ("bind", "value"),
    [({"aggregate": "last"}, "5"), ({"months": 3}, "5"), ({"months": 4}, "7"), ({"subtree": "thapla"}, "3")],
)
def test_the_last_month_some_months_or_another_unit_can_be_asked_for(bind, value):
    tree = Tree()
    place = place_with(tree, bound(**bind))
    tree.certified(tree.first, ("10", "2", "8"), period=DECEMBER)
    tree.certified(tree.first, ("10", "5", "5"))
    tree.certified(tree.second, ("9", "3", "6"))

    assert offers(place).variables[0].value == value


def test_what_is_not_certified_is_not_offered():
    tree = Tree()
    place = place_with(tree)
    tree.filled(tree.first)

    assert [one.value for one in offers(place).variables] == [None, None]
    with pytest.raises(bindings.NothingToCopy):
        copy(place)


def test_copying_keeps_the_values_with_their_reports_in_the_trace_and_in_what_is_signed():
    tree = Tree()
    place = place_with(tree)
    certified = tree.certified(tree.first, ("80", "59", "21"))

    result = copy(place)

    assert result.inputs == {"variables": {"done": "59", "every": "80"}}
    assert result.copied_from["done"] == {
        "value": "59",
        "label": "จัดตั้งแล้ว",
        "sources": [
            {
                "submission": certified.pk, "form": "centres-monthly@1",
                "form_title": tree.form.title, "unit": "laplae", "period": "2013-01-01",
                "unit_name": tree.first.name, "revision": 1, "value": "59",
            }
        ],
    }  # fmt: skip
    assert bindings.sentences(result)[0] == (
        f"จัดตั้งแล้ว: 59 from {tree.form.title} (centres-monthly@1), {tree.first.name},"
        " period from 1 ม.ค. 2556, revision 1."
    )
    # What an earlier release copied has codes alone.
    result.copied_from["done"].pop("label")
    result.copied_from["done"]["sources"][0].pop("form_title")
    assert bindings.sentences(result)[0].startswith(f"done: 59 from centres-monthly@1, {tree.first.name}, ")
    result = Result.objects.get(pk=result.pk)
    score = next(iter(results.scores_of(results.open_book(place.version), "self").flatten()))
    assert results.outcome_of(score)["value"] == "73.7500"
    content = contents.result_content(results.open_book(place.version), "self")
    assert content["results"][item_of(place).code]["copied_from"] == result.copied_from


def test_a_later_revision_is_told_and_moves_nothing():
    tree = Tree()
    place = place_with(tree)
    certified = tree.certified(tree.first, ("80", "59", "21"))
    result = copy(place)
    assert bindings.later_revisions(result) == []

    head = tree.head(tree.province)
    judging.return_for_changes(certified, remarks=[], reason="นับใหม่", by=head, at=NOON)
    submissions.write_cells(certified, cells(1, ("80", "60", "20")), by=tree.reporter, at=NOON)
    tree.certify(certified)

    result = Result.objects.get(pk=result.pk)
    assert result.inputs["variables"] == {"done": "59", "every": "80"}
    assert bindings.later_revisions(result)[0].startswith(
        f"จัดตั้งแล้ว: {tree.first.name} has revised its report of the period from 1 ม.ค. 2556; revision 1 was used,"
        " the last one is 2."
    )
    # Copying anew is the reporter's to do.
    assert copy(place).inputs["variables"]["done"] == "60"
    assert bindings.later_revisions(Result.objects.get()) == []


def test_what_is_typed_over_is_no_copy_any_more():
    tree = Tree()
    place = place_with(tree)
    tree.certified(tree.first, ("80", "59", "21"))
    copy(place)

    typed = {"variables": {"done": "70", "every": "80"}}
    results.enter(place.version, item_of(place), typed, note="", by=place.assessee, at=NOON)

    assert set(Result.objects.get().copied_from) == {"every"}


def test_the_arrival_of_the_report_is_the_day_sent():
    tree = Tree()
    lateness = {"due": "2013-02-15", "per_working_day": "0.25", "arrival_of": "centres-monthly"}
    place = place_with(tree, lateness=lateness)
    late = NOON.replace(day=19)
    tree.certified(tree.first, ("80", "59", "21"), at=late)

    result = copy(place, at=late)

    assert result.inputs["submitted_on"] == "2013-02-19"
    score = next(iter(results.scores_of(results.open_book(place.version), "self").flatten()))
    assert "late_points" in results.outcome_of(score)["rules"]


def test_only_the_assessee_copies():
    tree = Tree()
    place = place_with(tree)
    tree.certified(tree.first)

    for user in (place.assessor, place.hr, tree.reporter):
        with pytest.raises(NotAllowed):
            copy(place, by=user)
    assert not Result.objects.exists()


# --- The format ------------------------------------------------------------------------------------------------------
def framework(measure=SHARE, **indicator):
    return {
        "format": 1, "code": "f", "title": "กรอบ", "level": "province", "fiscal_year": 2556,
        "indicators": [{"code": "1", "title": "ร้อยละ", "criteria": THRESHOLDS, "measure": measure} | indicator],
    }  # fmt: skip


def test_a_binding_is_exported_as_it_was_imported():
    tree = Tree()
    given = framework(bound(aggregate="last", months=6, subtree="laplae"))
    outcome = frameworks.import_framework(given, organisation=tree.province, at=NOON, by=None)

    assert canonical(given)["indicators"][0]["measure"] == outcome.framework.indicators.get().definition["measure"]
    again = frameworks.import_framework(
        frameworks.framework_document(outcome.framework), organisation=tree.province, at=NOON, by=None
    )
    assert again.change == "unchanged"


@pytest.mark.parametrize(
    ("measure", "place"),
    [
        (bound(form="other"), "indicators[0].measure.variables.done.bind.form"),
        (bound(column="centres.problems"), "indicators[0].measure.variables.done.bind.column"),
    ],
)
def test_a_form_or_column_that_is_not_there_is_refused_on_import(measure, place):
    tree = Tree()

    with pytest.raises(frameworks.ImportRefused) as refusal:
        frameworks.import_framework(framework(measure), organisation=tree.province, at=NOON, by=None)

    assert refusal.value.faults[0].place == place
    # The control: with what is there it is taken.
    frameworks.import_framework(framework(), organisation=tree.province, at=NOON, by=None)


@pytest.mark.parametrize(
    ("bind", "code"),
    [
        ({"aggregate": "mean"}, "not_allowed"),
        ({"months": 0}, "not_above_zero"),
        ({"columns": "x"}, "unknown_key"),
        ({"form": None}, "missing"),
    ],
)
def test_a_binding_that_says_nonsense_is_refused(bind, code):
    with pytest.raises(Refused) as refusal:
        read_framework(framework(bound(**bind)))

    assert {one.code for one in refusal.value.faults} == {code}
