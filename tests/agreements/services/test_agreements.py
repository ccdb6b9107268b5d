import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from agreements import actions
from agreements.models import Agreement, Capacity, Event, Item, Party, PlanRow, Result, State, Version
from agreements.services import agreements as services, content as contents, results
from tests.factories import (
    MARCH,
    NOON,
    OCTOBER,
    THRESHOLDS,
    CompetencySetFactory,
    FrameworkFactory,
    IndicatorFactory,
    OrganisationFactory,
    PostingFactory,
    RoundFactory,
    UserFactory,
)
from tests.guards import lifted
from tests.walks import bring_to, choose_all, enter_all, judge_all, office, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


OWN = {"title": "ร้อยละของฉัน", "weight": "30", "unit": "ร้อยละ", "criteria": THRESHOLDS}


def composite(place, *, units=("general",)):
    """Return a composite of the office's framework, weighing 20, and its two sub-indicators of 12 and 8."""
    top = IndicatorFactory(
        framework=place.framework, code="9", weight="20", definition={"assigned_units": list(units), "unit": "ระดับ"}
    )
    below = [
        IndicatorFactory(
            framework=place.framework,
            parent=top,
            code=code,
            weight=weight,
            definition={"assigned_units": list(units), "unit": "ร้อยละ", "criteria": THRESHOLDS},
        )
        for code, weight in (("9.1", "12"), ("9.2", "8"))
    ]
    return top, below


def choose(place, *indicators):
    return services.choose_indicators(place.version, indicators, by=place.assessee, at=NOON)


def tree(version):
    """Return the items of `version` as (code, code of the one above, weight), in order."""
    items = version.items.select_related("parent").order_by("order", "pk")
    return [(item.code, item.parent.code if item.parent else None, item.weight) for item in items]


# --- Opening ---------------------------------------------------------------------------------------------------------
def test_an_agreement_opens_as_a_draft_with_the_parties_as_they_were():
    place = office()

    names = ("capacity", "user", "name", "title", "level", "unit", "office")
    office_name, unit_name = place.province.name, place.unit.name
    assessor, reviewer = place.assessor, place.reviewer
    assert place.agreement.state == State.DRAFT
    assert list(place.version.parties.order_by("pk").values_list(*names)) == [
        ("assessee", place.assessee.pk, place.assessee.full_name, "นักส่งเสริมการปกครองท้องถิ่นชำนาญการ", "ชำนาญการ",
         unit_name, office_name),
        ("assessor", assessor.pk, assessor.full_name, "นักส่งเสริมการปกครองท้องถิ่นชำนาญการพิเศษ", "ชำนาญการพิเศษ",
         unit_name, office_name),
        ("reviewer", reviewer.pk, reviewer.full_name, "ท้องถิ่นจังหวัด", "อำนวยการสูง", office_name, office_name),
    ]  # fmt: skip


def test_parties_keep_the_name_and_position_of_the_day_it_was_opened():
    place = office()
    before = list(Party.objects.order_by("pk").values())

    place.assessee.last_name = "ใหม่"
    place.assessee.save()
    place.posting.title, place.posting.level = "นักวิชาการ", "ชำนาญการพิเศษ"
    place.posting.save()

    assert list(Party.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(("level", "expected"), [("ชำนาญการ", 2), ("ชำนาญการพิเศษ", 3), ("ปฏิบัติงาน", 1)])
def test_expected_levels_follow_the_position_level(level, expected):
    round_ = RoundFactory(
        competency_set=CompetencySetFactory(competencies=[("core", "บริการที่ดี"), ("line", "การคิดวิเคราะห์")])
    )
    posting = PostingFactory(organisation=round_.organisation, level=level, assessor=PostingFactory())

    agreement = services.open_agreement(round_, posting, by=posting.user, at=NOON)

    rows = Version.objects.get(part__agreement=agreement).competencies.order_by("order")
    assert list(rows.values_list("order", "kind", "name", "expected", "observed")) == [
        (1, "core", "บริการที่ดี", expected, None),
        (2, "line", "การคิดวิเคราะห์", expected, None),
    ]


@pytest.mark.parametrize(
    ("starts_on", "first_day"), [(OCTOBER, OCTOBER), (datetime.date(2013, 1, 7), datetime.date(2013, 1, 7))]
)
def test_a_part_begins_with_the_round_or_with_the_position(starts_on, first_day):
    round_ = RoundFactory()
    posting = PostingFactory(organisation=round_.organisation, starts_on=starts_on, assessor=PostingFactory())

    agreement = services.open_agreement(round_, posting, by=posting.user, at=NOON)

    assert agreement.parts.values_list("number", "starts_on", "ends_on", "posting", "assessor").get() == (
        1, first_day, MARCH, posting.pk, posting.assessor.pk,
    )  # fmt: skip


@pytest.mark.parametrize("status", ["planned", "closed"])
def test_nothing_opens_in_a_round_that_is_not_open(status):
    round_ = RoundFactory(status=status)
    posting = PostingFactory(organisation=round_.organisation, assessor=PostingFactory())

    with pytest.raises(services.AgreementRefused) as refusal:
        services.open_agreement(round_, posting, by=posting.user, at=NOON)

    assert str(refusal.value) == "The round is not open."
    assert Agreement.objects.count() == 0


def test_nothing_opens_without_an_assessor():
    round_ = RoundFactory()
    posting = PostingFactory(organisation=round_.organisation)

    with pytest.raises(services.AgreementRefused):
        services.open_agreement(round_, posting, by=posting.user, at=NOON)
    posting.assessor = PostingFactory()
    # The control: with an assessor named it opens.
    services.open_agreement(round_, posting, by=posting.user, at=NOON)

    assert Agreement.objects.count() == 1


def test_nobody_assesses_themselves_in_another_position():
    round_ = RoundFactory()
    person = UserFactory()
    own = PostingFactory(user=person, organisation=round_.organisation)
    posting = PostingFactory(user=person, organisation=round_.organisation, assessor=own)

    with pytest.raises(services.AgreementRefused):
        services.open_agreement(round_, posting, by=person, at=NOON)

    assert Agreement.objects.count() == 0


def test_a_second_agreement_in_the_same_round_is_refused():
    place = office()

    with pytest.raises(services.AgreementRefused):
        services.open_agreement(place.round, place.posting, by=place.assessee, at=NOON)
    # The control: the next round takes one.
    following = RoundFactory(organisation=place.province, number=2)
    services.open_agreement(following, place.posting, by=place.assessee, at=NOON)

    assert list(Agreement.objects.order_by("pk").values_list("round", flat=True)) == [place.round.pk, following.pk]


def test_a_superior_who_would_take_part_twice_is_named_once():
    round_ = RoundFactory()
    head = PostingFactory(organisation=round_.organisation)
    deputy = PostingFactory(organisation=round_.organisation, assessor=head)
    head.assessor = deputy
    head.save()

    agreement = services.open_agreement(round_, deputy, by=deputy.user, at=NOON)

    parties = Party.objects.filter(version__part__agreement=agreement).order_by("pk")
    assert list(parties.values_list("capacity", "user")) == [("assessee", deputy.user_id), ("assessor", head.user_id)]


# --- What is given ---------------------------------------------------------------------------------------------------
def given(organisation, round_):
    return [one.code for one in services.indicators_given_to(organisation, round_)]


def test_a_unit_is_given_the_indicators_of_its_code_and_the_province_all():
    place = office(indicators=0)
    for code, units in (("1", ["general", "legal"]), ("2", ["legal"]), ("3", [])):
        IndicatorFactory(
            framework=place.framework, code=code, definition={"criteria": THRESHOLDS, "assigned_units": units}
        )

    assert given(place.unit, place.round) == ["1"]
    assert given(OrganisationFactory(parent=place.province, unit_code="legal"), place.round) == ["1", "2"]
    assert given(OrganisationFactory(parent=place.province, unit_code=""), place.round) == []
    assert given(place.province, place.round) == ["1", "2", "3"]


def test_what_is_given_to_all_units_is_given_to_every_unit_that_has_a_code():
    place = office(indicators=0)
    for code, units in (("1", ["all"]), ("2", ["legal"])):
        IndicatorFactory(
            framework=place.framework, code=code, definition={"criteria": THRESHOLDS, "assigned_units": units}
        )

    assert given(place.unit, place.round) == ["1"]
    assert given(OrganisationFactory(parent=place.province, unit_code="legal"), place.round) == ["1", "2"]
    assert given(OrganisationFactory(parent=place.province, unit_code=""), place.round) == []


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, ["1"]),
        ({"round_number": None}, ["1"]),
        ({"round_number": 2}, []),
        ({"fiscal_year": 2557}, []),
        ({"status": "draft", "version": None}, []),
        ({"status": "superseded"}, []),
        ({"level": "library"}, []),
    ],
    ids=str,
)
def test_only_published_frameworks_of_the_round_are_given(fields, codes):
    round_ = RoundFactory()
    framework = FrameworkFactory(organisation=round_.organisation, **fields)
    IndicatorFactory(framework=framework, code="1")

    assert given(round_.organisation, round_) == codes


def test_frameworks_of_another_office_are_not_given_and_those_from_above_are():
    department = OrganisationFactory(kind="department")
    province = OrganisationFactory(parent=department)
    neighbour = OrganisationFactory(parent=department)
    round_ = RoundFactory(organisation=province)
    for code, owner in (("above", department), ("own", province), ("beside", neighbour), ("all", None)):
        framework = FrameworkFactory(organisation=owner, code=code)
        IndicatorFactory(framework=framework, code=code)

    assert given(province, round_) == ["above", "all", "own"]


def test_parents_come_before_their_children():
    place = office(indicators=0)
    composite(place)

    assert given(place.province, place.round) == ["9", "9.1", "9.2"]


# --- Choosing --------------------------------------------------------------------------------------------------------
def test_an_indicator_is_copied_with_all_that_was_agreed_about_it():
    place = office()
    indicator = place.indicators[0]
    indicator.definition |= {"work": "งานที่นำเสนอ"}
    with lifted():
        indicator.save()

    choose(place, indicator)

    item = place.version.items.get()
    assert (item.indicator, item.code, item.title, item.goal, item.weight, item.definition) == (
        indicator, indicator.code, indicator.title, "งานที่นำเสนอ", Decimal(100), indicator.definition,
    )  # fmt: skip


def test_a_composite_brings_its_sub_indicators():
    place = office(indicators=0)
    top, _below = composite(place)

    choose(place, top)

    assert tree(place.version) == [("9", None, 20), ("9.1", "9", 12), ("9.2", "9", 8)]


def test_a_sub_indicator_alone_stands_on_its_own():
    place = office(indicators=0)
    _top, [first, _second] = composite(place)

    choose(place, first)

    assert tree(place.version) == [("9.1", None, 12)]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_sub_indicator_chosen_before_its_parent_comes_again_inside_it(at_once):
    place = office(indicators=0)
    top, [first, _second] = composite(place)

    for chosen in [(first, top)] if at_once else [(first,), (top,)]:
        choose(place, *chosen)

    assert tree(place.version) == [("9", None, 20), ("9.1", "9", 12), ("9.2", "9", 8)]


def test_a_sub_indicator_of_a_sub_indicator_comes_again_inside_the_topmost():
    place = office(indicators=0)
    top, [first, _second] = composite(place)
    deepest = IndicatorFactory(
        framework=place.framework, parent=first, code="9.1.1", weight="12", definition=first.definition
    )
    first.definition = {"assigned_units": ["general"]}
    with lifted():
        first.save()

    choose(place, deepest)
    choose(place, top)

    assert tree(place.version) == [("9", None, 20), ("9.1", "9", 12), ("9.1.1", "9.1", 12), ("9.2", "9", 8)]


def test_an_indicator_of_ones_own_keeps_nothing_from_being_chosen():
    place = office()
    services.write_own_indicator(place.version, OWN, goal="", by=place.assessee)

    choose_all(place)

    assert tree(place.version) == [("P1", None, 30), (place.indicators[0].code, None, 100)]


def test_choosing_again_changes_nothing():
    place = office(indicators=0)
    top, below = composite(place)
    choose(place, top)
    before = list(place.version.items.order_by("pk").values())

    added = choose(place, top, *below)

    assert added == []
    assert list(place.version.items.order_by("pk").values()) == before


def test_what_is_not_given_to_the_unit_is_refused_and_nothing_is_copied():
    place = office()
    other = IndicatorFactory(
        framework=place.framework, code="77", definition={"criteria": THRESHOLDS, "assigned_units": ["legal"]}
    )

    with pytest.raises(services.AgreementRefused) as refusal:
        choose(place, place.indicators[0], other)
    assert str(refusal.value) == "Indicator 77 is not given to this unit."
    assert place.version.items.count() == 0
    # The control: given to the unit, the very same choice is taken.
    other.definition["assigned_units"] = ["general"]
    with lifted():
        other.save()
    choose(place, place.indicators[0], other)

    assert place.version.items.count() == 2


def test_two_frameworks_may_use_the_same_code():
    place = office()
    framework = FrameworkFactory(organisation=place.province, code="zz")
    twin = IndicatorFactory(
        framework=framework, code=place.indicators[0].code, definition=place.indicators[0].definition
    )

    choose(place, place.indicators[0], twin)

    assert [code for code, *_rest in tree(place.version)] == [twin.code, f"{twin.code}-2"]


def test_editing_a_framework_later_changes_no_item():
    place = office()
    choose_all(place)
    before = Item.objects.values().get()

    indicator = place.indicators[0]
    indicator.title, indicator.weight, indicator.definition = "ชื่อใหม่", "5", {"criteria": {"kind": "open"}}
    with lifted():
        indicator.save()

    assert Item.objects.values().get() == before


@pytest.mark.parametrize("state", [state for state in State if state != State.DRAFT])
def test_outside_a_draft_nothing_is_chosen_written_weighed_or_removed(state):
    place = bring_to(office(), state)
    item = place.version.items.get()
    acts = [
        lambda: choose(place, *place.indicators),
        lambda: services.write_own_indicator(place.version, OWN, goal="", by=place.assessee),
        lambda: services.rewrite_own_indicator(item, OWN, goal="", by=place.assessee),
        lambda: services.set_terms(place.version, {}, by=place.assessee),
        lambda: services.remove_item(item, by=place.assessee),
        lambda: services.name_competencies(place.version, {}, {}, by=place.assessee),
    ]

    for act in acts:
        with pytest.raises(actions.NotNow):
            act()


@pytest.mark.parametrize("who", ["reviewer", "hr", "stranger"])
def test_only_assessee_and_assessor_edit_a_draft(who):
    place = office()
    by = UserFactory() if who == "stranger" else getattr(place, who)

    with pytest.raises(actions.NotAllowed):
        services.choose_indicators(place.version, place.indicators, by=by, at=NOON)
    # The control: the assessor may.
    services.choose_indicators(place.version, place.indicators, by=place.assessor, at=NOON)

    assert place.version.items.count() == 1


# --- Terms -----------------------------------------------------------------------------------------------------------
def test_a_composite_weighs_what_its_children_weigh():
    place = office(indicators=0)
    top, _below = composite(place)
    choose(place, top)
    items = {item.code: item for item in place.version.items.all()}
    terms = {
        items["9"].pk: services.Terms(goal="ภาพรวม", weight=Decimal(99)),
        items["9.1"].pk: services.Terms(goal="", weight=Decimal("7.5")),
        items["9.2"].pk: services.Terms(goal="ข้อสอง", weight=Decimal("2.25")),
    }

    services.set_terms(place.version, terms, by=place.assessee)

    assert tree(place.version) == [
        ("9", None, Decimal("9.75")),
        ("9.1", "9", Decimal("7.5")),
        ("9.2", "9", Decimal("2.25")),
    ]
    assert list(place.version.items.order_by("order").values_list("goal", flat=True)) == ["ภาพรวม", "", "ข้อสอง"]


def test_a_composite_whose_sub_indicator_lost_its_weight_can_still_be_shown():
    place = office(indicators=0)
    top, _below = composite(place)
    choose(place, top)
    child = place.version.items.get(code="9.1")

    services.set_terms(place.version, {child.pk: services.Terms(goal="", weight=None)}, by=place.assessee)

    book = results.open_book(place.version)
    assert results.scores_of(book, "self").as_document()["weight_in_force"] == "8"


def test_items_that_are_not_named_keep_their_terms():
    place = office(indicators=2)
    choose_all(place)
    first, second = place.version.items.order_by("order")

    services.set_terms(place.version, {first.pk: services.Terms(goal="ใหม่", weight=Decimal(40))}, by=place.assessor)

    assert list(place.version.items.order_by("order").values_list("goal", "weight")) == [
        ("ใหม่", Decimal(40)), (second.goal, Decimal(50)),
    ]  # fmt: skip


# --- Indicators of one's own -----------------------------------------------------------------------------------------
def test_an_indicator_of_ones_own_is_an_item_with_its_definition():
    place = office()

    item = services.write_own_indicator(place.version, OWN, goal="ให้เสร็จ", by=place.assessee)
    second = services.write_own_indicator(place.version, OWN, goal="", by=place.assessee)

    item.refresh_from_db()
    assert (item.code, item.title, item.weight, item.goal, item.indicator, item.definition) == (
        "P1", "ร้อยละของฉัน", Decimal(30), "ให้เสร็จ", None, {"unit": "ร้อยละ", "criteria": THRESHOLDS},
    )  # fmt: skip
    assert (second.code, second.order) == ("P2", item.order + 1)


def test_an_indicator_of_ones_own_is_rewritten_under_its_code_and_lineage():
    place = office()
    item = services.write_own_indicator(place.version, OWN, goal="", by=place.assessee)
    lineage = item.lineage

    services.rewrite_own_indicator(
        item, OWN | {"title": "ใหม่", "weight": "45", "unit": "เรื่อง"}, goal="เพิ่ม", by=place.assessor
    )

    item.refresh_from_db()
    assert (item.code, item.lineage, item.title, item.weight, item.goal, item.unit) == (
        "P1", lineage, "ใหม่", Decimal(45), "เพิ่ม", "เรื่อง",
    )  # fmt: skip


def test_an_indicator_of_the_framework_is_not_rewritten():
    place = office()
    choose_all(place)
    item = place.version.items.get()

    with pytest.raises(services.AgreementRefused):
        services.rewrite_own_indicator(item, OWN, goal="", by=place.assessee)

    assert Item.objects.get().title == place.indicators[0].title


# --- Removing --------------------------------------------------------------------------------------------------------
def test_a_composite_is_removed_with_its_sub_indicators():
    place = office()
    top, _below = composite(place)
    choose(place, top, *place.indicators)

    services.remove_item(place.version.items.get(code="9"), by=place.assessee)

    assert tree(place.version) == [(place.indicators[0].code, None, 100)]


def test_a_sub_indicator_is_not_removed_alone():
    place = office(indicators=0)
    top, _below = composite(place)
    choose(place, top)

    with pytest.raises(services.AgreementRefused):
        services.remove_item(place.version.items.get(code="9.1"), by=place.assessee)

    assert place.version.items.count() == 3


def test_what_was_removed_can_be_chosen_again():
    place = office()
    choose_all(place)
    services.remove_item(place.version.items.get(), by=place.assessee)

    choose_all(place)

    assert tree(place.version) == [(place.indicators[0].code, None, 100)]


# --- Competencies ----------------------------------------------------------------------------------------------------
def test_names_of_the_line_of_work_and_expected_levels_are_written():
    place = office()

    services.name_competencies(place.version, {1: "แก้ชื่อหลักไม่ได้", 2: "การมองภาพองค์รวม"}, {1: 4}, by=place.assessee)

    rows = place.version.competencies.order_by("order").values_list("name", "expected")
    assert list(rows) == [("บริการที่ดี", 4), ("การมองภาพองค์รวม", 2)]


# --- Returning -------------------------------------------------------------------------------------------------------
def facts(version, *, names):
    """Return rows of a version without what tells two copies apart."""
    rows = getattr(version, names).order_by("pk").values()
    return [{key: value for key, value in row.items() if key not in {"id", "version_id", "parent_id"}} for row in rows]


def test_a_returned_version_copies_everything():
    place = office(indicators=2)
    top, _below = composite(place)
    choose(place, top)
    services.write_own_indicator(place.version, OWN, goal="", by=place.assessee)
    choose_all(place)
    # Five items without children, the composite's two among them.
    terms = {item.pk: services.Terms(goal=item.code, weight=Decimal(20)) for item in place.version.items.all()}
    services.set_terms(place.version, terms, by=place.assessee)
    sign(place, actions.PROPOSE, place.assessee)
    old = place.version

    services.return_with_reason(old, actions.RETURN_PROPOSAL, by=place.assessor, reason=" ปรับ ", at=NOON)

    new = place.version
    assert (new.number, new.reason, new.created_by, old.pk != new.pk) == (2, "ปรับ", place.assessor, True)
    assert tree(new) == tree(old)
    for names in ("items", "parties", "competencies", "plan_rows"):
        assert facts(new, names=names) == facts(old, names=names)
    assert {item.parent.version_id for item in new.items.exclude(parent=None)} == {new.pk}
    assert list(Version.objects.order_by("number").values_list("number", "is_current")) == [(1, False), (2, True)]


def test_results_and_assessment_stay_with_their_lineage_when_the_report_is_returned():
    place = bring_to(office(indicators=2), State.REPORTED, value="65")
    judge_all(place)
    old = place.version

    services.return_with_reason(old, actions.RETURN_REPORT, by=place.assessor, reason="ขาดหลักฐาน", at=NOON)

    new = place.version
    assert {item.lineage for item in new.items.all()} == set(Result.objects.values_list("lineage", flat=True))
    assert Result.objects.count() == 2
    assert facts(new, names="plan_rows") == facts(old, names="plan_rows")
    assert PlanRow.objects.filter(version=new).count() == 2
    assert results.scores_of(results.open_book(new), "self").as_document()["total"] == "1.5000"


def test_a_round_goes_on_from_a_returned_report():
    place = bring_to(office(), State.REPORTED)
    services.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="แก้", at=NOON)

    enter_all(place, "95")
    results.report(place.version, by=place.assessee, at=NOON)
    judge_all(place)
    sign(place, actions.ASSESS, place.assessor)

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.RELEASED
    assert contents.signed_content(place.version, "result")["scores"]["total"] == "4.5000"
    assert [line.capacity for line in contents.signature_lines(place.version, ["agree"])] == ["assessee", "assessor"]


RETURNED = [
    (actions.RETURN_PROPOSAL, State.DRAFT, "assessor"),
    (actions.RETURN_REPORT, State.AGREED, "assessor"),
    (actions.RETURN_ASSESSMENT, State.REPORTED, "hr"),
]


@pytest.mark.parametrize(("action", "target", "who"), RETURNED, ids=lambda value: getattr(value, "code", None))
def test_each_return_goes_one_step_back_and_only_for_whom_it_is(action, target, who):
    place = bring_to(office(releases_on_assessment=False), action.source)
    right = getattr(place, who)

    for other in {place.assessee, place.assessor, place.reviewer, place.hr} - {right}:
        with pytest.raises(actions.NotAllowed):
            services.return_with_reason(place.version, action, by=other, reason="เหตุผล", at=NOON)
    # The control: the right person may.
    services.return_with_reason(place.version, action, by=right, reason="เหตุผล", at=NOON)

    place.agreement.refresh_from_db()
    assert (place.agreement.state, place.version.part.state, place.version.number) == (target, target, 2)
    event = Event.objects.order_by("number").last()
    assert (event.verb, event.actor, event.text.details) == (
        action.code, right, {"from": action.source, "to": target, "reason": "เหตุผล", "version": 2},
    )  # fmt: skip


def test_a_replaced_version_is_history():
    place = bring_to(office(), State.PROPOSED)
    old = place.version
    services.return_with_reason(old, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับ", at=NOON)

    with pytest.raises(actions.NotNow):
        services.set_terms(old, {}, by=place.assessee)
    # The control: the version that replaced it is open.
    services.set_terms(place.version, {}, by=place.assessee)


# --- Acts ------------------------------------------------------------------------------------------------------------
def test_an_act_is_logged_with_what_it_changed():
    place = bring_to(office(), State.REVIEWED)
    later = NOON + datetime.timedelta(days=40)

    services.act(place.version, actions.CLOSE, by=place.hr, at=later)

    place.agreement.refresh_from_db()
    event = Event.objects.order_by("number").last()
    assert (place.agreement.state, place.agreement.state_since) == (State.CLOSED, later)
    assert (event.verb, event.actor, event.at, event.text.details) == (
        "close", place.hr, later, {"from": "reviewed", "to": "closed"},
    )  # fmt: skip


def test_hr_does_not_decide_about_their_own_agreement():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    with lifted():
        Party.objects.filter(version=place.version, capacity=Capacity.ASSESSEE).update(user=place.hr)

    with pytest.raises(actions.NotAllowed):
        services.act(place.version, actions.RELEASE, by=place.hr, at=NOON)
    # The control: another's agreement is theirs to release.
    with lifted():
        Party.objects.filter(version=place.version, capacity=Capacity.ASSESSEE).update(user=place.assessee)
    services.act(place.version, actions.RELEASE, by=place.hr, at=NOON)

    place.agreement.refresh_from_db()
    assert place.agreement.state == State.RELEASED
