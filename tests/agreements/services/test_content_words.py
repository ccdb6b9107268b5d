"""What is signed in words, and what one content says otherwise than another."""

import copy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import State
from agreements.services import agreements as services, content as contents, evidence, results, signing
from agreements.services.comparison import Entry
from agreements.services.content_words import content_changes
from tests.factories import NOON
from tests.walks import bring_to, choose_all, enter_all, judge_all, office

pytestmark = pytest.mark.django_db

OTHERWISE = {"accepted": "set", "set": "accepted", "core": "line", "line": "core"}
SUMS = {"total", "achievement", "competency", "final", "grade"}


def has_no_words(path):
    """Return whether a fact only says which content it is, or follows from the rest: how a score came about."""
    if path[0] in {"format", "stage", "agreement", "part"} or path[-1] == "lineage":
        return True
    return path[0] in {"scores", "self_scores"} and path[1] not in SUMS and (path[-1] != "score" or "trace" in path)


def assessed():
    """Return the content of an assessment with a file, a note and a reason."""
    place = bring_to(office(indicators=2), State.AGREED)
    enter_all(place)
    for item in place.version.items.all():
        results.enter(place.version, item, {"value": "90"}, note="ทำแล้ว", by=place.assessee, at=NOON)
        upload = SimpleUploadedFile("พยาน.txt", f"1 {item.code}".encode())
        evidence.attach(place.version, item, upload, note="หน้า 2", by=place.assessee, at=NOON)
    results.report(place.version, by=place.assessee, at=NOON)
    judge_all(place)
    results.set_score(place.version, place.version.items.first(), 2, reason="ไม่ครบ", by=place.assessor, at=NOON)
    judge_plan(place)
    results.explain_full_score(place.version, "เหตุผล", by=place.assessor)
    return signing.content_to_sign(place.version, actions.ASSESS)


def judge_plan(place):
    place.version.plan_rows.create(order=9, need="ความรู้", method="อบรม", period="เม.ย.", measure="สอบผ่าน")


def leaves(value, path=()):
    """Return the paths of all single facts of `value`."""
    if isinstance(value, dict):
        return [found for key in value for found in leaves(value[key], (*path, key))]
    if isinstance(value, list):
        return [found for at, entry in enumerate(value) for found in leaves(entry, (*path, at))]
    return [path]


def changed(content, path):
    """Return `content` with one fact said otherwise."""
    other = copy.deepcopy(content)
    at = other
    for step in path[:-1]:
        at = at[step]
    old = at[path[-1]]
    at[path[-1]] = OTHERWISE.get(old, f"9{old}") if isinstance(old, str) or old is None else old + 1
    return other


def test_every_fact_that_is_signed_has_words():
    content = assessed()
    facts = [path for path in leaves(content) if not has_no_words(path)]

    silent = [
        path for path in facts
        if {change.about for change in content_changes(content, changed(content, path))} <= {_("Content")}
    ]  # fmt: skip

    assert silent == [], "\n".join(map(str, silent))
    assert len(facts) > 60
    # The control: what has no words is told by the one sentence that says so.
    [about] = {change.about for change in content_changes(content, changed(content, ("scores", "column")))}
    assert about == _("Content")


def test_nothing_changed_is_nothing_said():
    content = assessed()

    assert content_changes(content, copy.deepcopy(content)) == []


def test_the_order_in_which_a_draft_was_typed_is_no_change():
    place = office()
    choose_all(place)
    content = contents.content_of(place.version, "agree")
    item = content["items"][0]
    turned = copy.deepcopy(content)
    turned["items"][0]["definition"] = dict(reversed(item["definition"].items()))
    criteria = turned["items"][0]["definition"]["criteria"]
    turned["items"][0]["definition"]["criteria"] = dict(reversed(criteria.items()))

    before = copy.deepcopy(content)
    before["items"][0]["goal"] = "อื่น"
    [change] = content_changes(before, turned)

    assert [entry.before for entry in change.entries] == ["อื่น"]


def test_a_change_without_words_is_not_passed_over():
    content = assessed()
    other = copy.deepcopy(content)
    other["scores"]["trace"] = []

    assert len(content_changes(content, other)) == 1


def test_a_weight_a_goal_and_a_criterion_are_told_before_and_after():
    place = office()
    choose_all(place)
    before = contents.content_of(place.version, "agree")
    item = place.version.items.get()
    services.set_terms(place.version, {item.pk: services.Terms(goal="ใหม่", weight=90)}, by=place.assessee)

    [change] = content_changes(before, contents.content_of(place.version, "agree"))

    assert change.about.endswith(item.title)
    assert [(entry.before, entry.after) for entry in change.entries] == [("–", "ใหม่"), ("100", "90")]


def test_an_indicator_that_came_and_one_that_went_are_told():
    place = office(indicators=2)
    choose_all(place)
    before = contents.content_of(place.version, "agree")
    services.remove_item(place.version.items.first(), by=place.assessee)

    after = contents.content_of(place.version, "agree")

    [gone], [came] = content_changes(before, after), content_changes(after, before)
    assert (gone.about, {entry.after for entry in gone.entries}) == (came.about, {"–"})
    assert {entry.before for entry in came.entries} == {"–"}
    assert isinstance(gone.entries[0], Entry)


def test_a_file_swapped_under_the_same_name_is_told():
    content = assessed()
    other = copy.deepcopy(content)
    code = next(iter(other["results"]))
    other["results"][code]["evidence"][0]["sha256"] = "f" * 64

    [change] = content_changes(content, other)

    assert [entry.after for entry in change.entries] == ["พยาน.txt · หน้า 2 (ffffffffffff)"]
