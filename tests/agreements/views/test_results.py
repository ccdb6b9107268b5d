from decimal import Decimal

import pytest
from django.urls import reverse

from agreements.models import Agreement, PlanRow, Result, State
from agreements.services import results
from tests.factories import NOON, THRESHOLDS, IndicatorFactory
from tests.walks import bring_to, choose_all, office

pytestmark = pytest.mark.django_db

ENGLISH = {"accept-language": "en"}
HTMX = ENGLISH | {"HX-Request": "true"}
NOT_A_NUMBER = "This is not a number. Use digits only, for example 1,234.50."


def address(name, place, *more):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, *more])


def items(place):
    return list(place.version.items.order_by("order"))


def messages_of(client, where):
    return [str(message) for message in client.get(where, headers=ENGLISH).context["messages"]]


@pytest.fixture
def place(client):
    """Return an office with two items agreed, its assessee signed in."""
    place = bring_to(office(indicators=2), State.AGREED)
    client.force_login(place.assessee)
    return place


@pytest.fixture
def reported(client):
    """Return an office whose two items were reported with 90, its assessor signed in."""
    place = bring_to(office(indicators=2), State.REPORTED)
    client.force_login(place.assessor)
    return place


def composite():
    """Return an office with a composite, agreed."""
    place = office(indicators=0)
    top = IndicatorFactory(framework=place.framework, weight="100", definition={"assigned_units": ["general"]})
    for weight in ("60", "40"):
        IndicatorFactory(framework=place.framework, parent=top, weight=weight)
    place.indicators.append(top)
    return bring_to(place, State.AGREED)


# --- Entering, page by page ------------------------------------------------------------------------------------------
def test_what_was_typed_is_saved_and_shown_again(client, place):
    first, _second = items(place)
    where = address("result", place, first.lineage)

    response = client.post(where, {"value": "๘๓.๕", "note": "จากทะเบียน"})

    assert response["Location"] == where
    assert Result.objects.values("lineage", "inputs", "note").get() == {
        "lineage": first.lineage, "inputs": {"value": "83.5"}, "note": "จากทะเบียน",
    }  # fmt: skip
    shown = client.get(where).context
    assert (shown["form"]["value"].value(), shown["form"]["note"].value()) == ("83.5", "จากทะเบียน")
    assert shown["panel"]["score"]["score"] == "3.3500"


def test_save_and_next_goes_through_the_items_and_then_to_the_overview(client, place):
    first, second = items(place)

    steps = [
        client.post(address("result", place, item.lineage), {"value": "90", "next": "1"})["Location"]
        for item in (first, second)
    ]

    assert steps == [address("result", place, second.lineage), address("results", place)]


def test_zero_is_saved_as_a_result(client, place):
    first, _second = items(place)

    client.post(address("result", place, first.lineage), {"value": "0"})

    assert Result.objects.get().inputs == {"value": "0"}
    assert [item.pk for item in client.get(address("results", place)).context["unreported"]] == [items(place)[1].pk]


def test_a_mistake_is_shown_and_keeps_the_typing_and_the_old_value(client, place):
    first, _second = items(place)
    where = address("result", place, first.lineage)
    client.post(where, {"value": "83.5"})

    response = client.post(where, {"value": "แปดสิบ", "note": "ใหม่"}, headers=ENGLISH)

    form = response.context["form"]
    assert form.errors == {"value": [NOT_A_NUMBER]}
    assert (form["value"].value(), form["note"].value()) == ("แปดสิบ", "ใหม่")
    assert Result.objects.get().inputs == {"value": "83.5"}


def test_what_the_rules_refuse_is_shown_in_words(client):
    place = office(indicators=0)
    definition = {
        "assigned_units": ["general"],
        "criteria": THRESHOLDS,
        "measure": {"kind": "formula", "expression": "done / total * 100", "variables": {"done": {}, "total": {}}},
    }
    place.indicators.append(IndicatorFactory(framework=place.framework, definition=definition))
    bring_to(place, State.AGREED)
    client.force_login(place.assessee)
    [item] = items(place)

    response = client.post(
        address("result", place, item.lineage), {"variable_done": "0", "variable_total": "0"}, headers=ENGLISH
    )

    assert response.context["form"].non_field_errors() == [
        "There is nothing to measure: 0 ÷ 0 × 100 divides by 0. Cancel the indicator with a reason instead."
    ]
    assert Result.objects.count() == 0


def test_after_the_report_nothing_is_saved_and_it_is_said(client, place):
    first, _second = items(place)
    results.report(place.version, by=place.assessee, at=NOON)

    response = client.post(address("result", place, first.lineage), {"value": "90"}, headers=ENGLISH)

    assert response.context["form"].non_field_errors() == [
        "The agreement has moved on: it is now “Reported”. Nothing was changed."
    ]
    assert Result.objects.get(lineage=first.lineage).inputs == {}


def test_a_composite_has_no_page_of_its_own(client):
    place = composite()
    client.force_login(place.assessee)
    top, *below = items(place)

    answers = [client.get(address("result", place, item.lineage)).status_code for item in (top, *below)]

    assert answers == [404, 200, 200]


def test_a_composite_is_not_assessed_on_a_page_of_its_own(client):
    place = bring_to(composite(), State.AGREED)
    results.report(place.version, by=place.assessee, at=NOON)
    client.force_login(place.assessor)
    top, *below = items(place)

    answers = [client.get(address("assess-item", place, item.lineage)).status_code for item in (top, *below)]

    assert answers == [404, 200, 200]


# --- Entering, as one types ------------------------------------------------------------------------------------------
def test_htmx_is_answered_with_the_panel_and_the_score_and_it_is_saved(client, place):
    first, _second = items(place)

    response = client.post(address("result", place, first.lineage), {"value": "83.5"}, headers=HTMX)

    names = [template.name for template in response.templates]
    assert (response.status_code, names[0]) == (200, "agreements/_score_panel.html")
    assert "base.html" not in names
    assert response.context["saved"] is True
    assert response.context["panel"]["score"]["score"] == "3.3500"
    assert "3.3500" in response.content.decode()
    assert Result.objects.get().inputs == {"value": "83.5"}


def test_htmx_with_a_mistake_shows_it_and_keeps_the_old_value(client, place):
    first, _second = items(place)
    where = address("result", place, first.lineage)
    client.post(where, {"value": "83.5"}, headers=HTMX)

    response = client.post(where, {"value": "แปดสิบ"}, headers=HTMX)

    assert response.status_code == 422
    assert response.context["saved"] is False
    assert NOT_A_NUMBER in response.content.decode()
    assert Result.objects.get().inputs == {"value": "83.5"}


def test_the_whole_page_holds_the_panel_that_htmx_swaps_in(client, place):
    first, _second = items(place)

    response = client.get(address("result", place, first.lineage))

    assert "agreements/_score_panel.html" in [template.name for template in response.templates]


# --- The overview and the report -------------------------------------------------------------------------------------
def test_the_overview_says_what_is_not_reported_yet(client, place):
    first, second = items(place)
    before = client.get(address("results", place)).context["unreported"]

    client.post(address("result", place, first.lineage), {"value": "90"})

    assert before == [first, second]
    assert client.get(address("results", place)).context["unreported"] == [second]


def test_reporting_hands_it_to_the_assessor_once(client, place):
    responses = [client.post(address("report", place)) for _time in range(2)]

    assert [response["Location"] for response in responses] == [address("agreement", place), address("results", place)]
    assert Agreement.objects.get().state == State.REPORTED


@pytest.mark.parametrize("who", ["assessor", "hr"])
def test_nobody_else_reports(client, place, who):
    client.force_login(getattr(place, who))

    assert client.post(address("report", place)).status_code == 403
    assert Agreement.objects.get().state == State.AGREED


# --- Assessing one item ----------------------------------------------------------------------------------------------
def judge(client, place, **data):
    return client.post(address("assess-item", place, items(place)[0].lineage), data, headers=ENGLISH)


@pytest.mark.parametrize(
    ("data", "kept", "score"),
    [
        ({"verdict": "accepted"}, ("accepted", None, None, ""), "4.0000"),
        ({"verdict": "corrected", "correct-value": "๘๓.๕", "correct-reason": "นับใหม่"},
         ("corrected", {"value": "83.5"}, None, "นับใหม่"), "3.3500"),
        ({"verdict": "set", "set-score": "3.25", "set-reason": "หลักฐานไม่ครบ"},
         ("set", None, Decimal("3.25"), "หลักฐานไม่ครบ"), "3.2500"),
    ],
    ids=["accepted", "corrected", "set"],
)  # fmt: skip
def test_a_verdict_is_kept_and_leads_to_the_next_item(client, reported, data, kept, score):
    first, second = items(reported)

    response = judge(client, reported, **data)

    result = Result.objects.get(lineage=first.lineage)
    assert response["Location"] == address("assess-item", reported, second.lineage)
    assert (result.verdict, result.assessor_inputs, result.assessor_score, result.assessor_reason) == kept
    shown = client.get(address("assess-item", reported, first.lineage)).context
    assert shown["assessed_panel"]["score"]["score"] == score
    assert shown["panel"]["score"]["score"] == "4.0000"


def test_after_the_last_item_or_when_asked_the_overview_follows(client, reported):
    first, second = items(reported)

    steps = [
        client.post(address("assess-item", reported, first.lineage), {"verdict": "accepted", "then": "list"}),
        client.post(address("assess-item", reported, second.lineage), {"verdict": "accepted"}),
    ]

    assert [step["Location"] for step in steps] == [address("assessment", reported)] * 2


@pytest.mark.parametrize(
    ("data", "form", "errors", "typed"),
    [
        ({"verdict": "corrected", "correct-value": "80", "correct-reason": ""}, "correction",
         {"reason": ["This field is required."]}, {"value": "80"}),
        ({"verdict": "corrected", "correct-value": "มาก", "correct-reason": "นับใหม่"}, "correction",
         {"value": [NOT_A_NUMBER]}, {"value": "มาก", "reason": "นับใหม่"}),
        ({"verdict": "set", "set-score": "5.01", "set-reason": "ดีมาก"}, "score_form",
         {"__all__": ["5.01 is more than the 5 allowed."]}, {"score": "5.01", "reason": "ดีมาก"}),
        ({"verdict": "set", "set-score": "4.755", "set-reason": "ดีมาก"}, "score_form",
         {"__all__": ["4.755 has more than 2 decimals."]}, {"score": "4.755", "reason": "ดีมาก"}),
        ({"verdict": "set", "set-score": "3", "set-reason": " "}, "score_form",
         {"reason": ["This field is required."]}, {"score": "3"}),
    ],
)  # fmt: skip
def test_a_refused_verdict_is_explained_and_what_was_typed_stays(client, reported, data, form, errors, typed):
    response = judge(client, reported, **data)

    shown = response.context[form]
    assert shown.errors == errors
    assert {name: shown[name].value() for name in typed} == typed
    assert response.context["chosen"] == data["verdict"]
    assert set(Result.objects.values_list("verdict", flat=True)) == {""}


def test_without_a_choice_it_is_asked_for(client, reported):
    response = judge(client, reported)

    messages = [str(message) for message in response.context["messages"]]
    assert messages == ["Choose whether to accept, correct or set a score."]


def test_the_overview_says_what_is_left_to_do(client, reported):
    first, second = items(reported)
    results.set_score(reported.version, first, Decimal(2), reason="ต่ำ", by=reported.assessor, at=NOON)

    shown = client.get(address("assessment", reported), headers=ENGLISH).context

    assert shown["unjudged"] == [second]
    assert [one.title for one in shown["plan_missing"]] == [f"{first.code} {first.title}"]
    assert shown["obstacles"] == [
        f"Not yet assessed: {second.code}.", "No level is given for: บริการที่ดี, การคิดวิเคราะห์.",
    ]  # fmt: skip


# --- Competencies found ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("button", "onward"), [({}, "assessment"), ({"next": "1"}, "plan")])
def test_observed_levels_are_kept(client, reported, button, onward):
    response = client.post(address("observed", reported), {"observed_1": "2", "observed_2": "0"} | button)

    assert response["Location"] == address(onward, reported)
    assert list(reported.version.competencies.order_by("order").values_list("observed", flat=True)) == [2, 0]


def test_a_level_beyond_5_is_refused_and_the_other_stays_chosen(client, reported):
    response = client.post(address("observed", reported), {"observed_1": "6", "observed_2": "3"})

    form = response.context["form"]
    assert list(form.errors) == ["observed_1"]
    assert form["observed_2"].value() == "3"
    assert set(reported.version.competencies.values_list("observed", flat=True)) == {None}


# --- The development plan --------------------------------------------------------------------------------------------
ROW = {"need": "การคิดวิเคราะห์", "method": "อบรม", "period": "เม.ย. 2556", "measure": "สอบผ่าน"}


def plan_data(formset, **changed):
    """Return what the page of the plan posts: its rows as shown, every gap filled in, and then `changed`."""
    data = {"plan-TOTAL_FORMS": str(len(formset.forms)), "plan-INITIAL_FORMS": str(formset.initial_form_count())}
    for number, form in enumerate(formset.forms):
        shown = {name: form[name].value() for name in (*ROW, "about_item", "about_competency")}
        data |= {f"plan-{number}-{name}": value or ROW.get(name, "") for name, value in shown.items()}
    return data | changed


def with_gaps(place):
    """Score the first item 2 and find the second competency one level below."""
    first, second = items(place)
    results.set_score(place.version, first, Decimal(2), reason="ต่ำ", by=place.assessor, at=NOON)
    results.accept(place.version, second, by=place.assessor, at=NOON)
    results.observe(place.version, {1: 2, 2: 1}, by=place.assessor)
    return first


def test_the_plan_opens_with_a_row_for_each_gap_and_keeps_them(client, reported):
    first = with_gaps(reported)
    formset = client.get(address("plan", reported)).context["formset"]

    response = client.post(address("plan", reported), plan_data(formset))

    assert response["Location"] == address("assessment", reported)
    assert list(PlanRow.objects.order_by("order").values_list("about_item", "about_competency", "need", "method")) == [
        (first.lineage, None, f"{first.code} {first.title}", "อบรม"), (None, 2, "การคิดวิเคราะห์", "อบรม"),
    ]  # fmt: skip
    assert client.get(address("assessment", reported)).context["obstacles"] == []


def test_a_row_that_is_not_complete_is_refused_and_what_was_typed_stays(client, reported):
    with_gaps(reported)
    formset = client.get(address("plan", reported)).context["formset"]

    response = client.post(address("plan", reported), plan_data(formset, **{"plan-0-method": ""}))

    shown = response.context["formset"]
    assert [list(form.errors) for form in shown.forms] == [["method"], []]
    assert shown.forms[1]["method"].value() == "อบรม"
    assert PlanRow.objects.count() == 0


def test_a_row_can_be_added_and_taken_away(client, reported):
    with_gaps(reported)
    formset = client.get(address("plan", reported)).context["formset"]
    more = client.post(address("plan", reported), plan_data(formset, more="1"))["Location"]
    formset = client.get(more).context["formset"]
    data = plan_data(formset, **{"plan-0-DELETE": "on", "plan-2-need": "ภาษาอังกฤษ"})

    client.post(address("plan", reported), data)

    assert list(PlanRow.objects.order_by("order").values_list("order", "need")) == [
        (1, "การคิดวิเคราะห์"), (2, "ภาษาอังกฤษ"),
    ]  # fmt: skip


def test_a_full_100_wants_a_reason(client):
    place = bring_to(office(), State.REPORTED, value="100")
    [item] = items(place)
    results.accept(place.version, item, by=place.assessor, at=NOON)
    results.observe(place.version, {1: 2, 2: 2}, by=place.assessor)
    client.force_login(place.assessor)
    empty = {"plan-TOTAL_FORMS": "0", "plan-INITIAL_FORMS": "0"}

    refused = client.post(address("plan", place), empty)
    client.post(address("plan", place), empty | {"full-reason": "ทำได้ครบทุกข้อ"})

    assert list(refused.context["full_form"].errors) == ["reason"]
    assert place.version.full_score_reason == "ทำได้ครบทุกข้อ"


def test_below_the_full_100_no_reason_is_asked_for(client, reported):
    for item in items(reported):
        results.accept(reported.version, item, by=reported.assessor, at=NOON)

    assert client.get(address("plan", reported)).context["full_form"] is None


# --- Before release --------------------------------------------------------------------------------------------------
def test_before_release_the_assessee_reads_no_verdict_on_their_pages(client):
    place = office(releases_on_assessment=False)
    choose_all(place)
    bring_to(place, State.REPORTED)
    [item] = items(place)
    results.set_score(place.version, item, Decimal("1.23"), reason="เหตุผลลับ", by=place.assessor, at=NOON)
    pages = [address("agreement", place), address("results", place), address("result", place, item.lineage)]
    client.force_login(place.assessee)

    texts = [client.get(page).content.decode() for page in pages]

    assert [("เหตุผลลับ" in text, "1.2300" in text) for text in texts] == [(False, False)] * 3
    # The control: the assessor's page of the same item tells both.
    client.force_login(place.assessor)
    told = client.get(address("assess-item", place, item.lineage)).content.decode()
    assert ("เหตุผลลับ" in told, "1.2300" in told) == (True, True)
