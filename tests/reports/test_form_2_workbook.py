import io
import re
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from django.urls import reverse
from hypothesis import given, settings, strategies as st
from python_calamine import CalamineWorkbook

import scoring
from agreements import actions
from agreements.models import Event, Result, State
from agreements.services import content as content_service, results
from agreements.services.content import form_source
from reports.form_2_workbook import FormSource, form_2_xlsx
from reports.rows import form_2_figures
from reports.rows.form_2_figures import Entry, Formula, Letters, Table, exact_scores
from reports.rows.form_set import form_set
from tests.factories import NOON
from tests.guards import lifted
from tests.reports import contents
from tests.reports.spreadsheet import ROUNDINGS, Spreadsheet
from tests.splits import bring_part, was_split
from tests.walks import bring_to, judge_all, municipality, office, sign

FORM, SCORES = "ปผ.2 ผลสัมฤทธิ์", "สรุปคะแนน"
AT = Letters.of(5)
FIRST = 9


def exact_of(content):
    if not content["scores"]:
        return {}
    indicators = [scoring.read_indicator(contents.document(one), place=one["code"]) for one in content["items"]]
    by_code = {one.code: one for top in indicators for one in top.flatten()}
    results = {
        code: scoring.read_result(one["inputs"], by_code[code], place=code) for code, one in content["results"].items()
    }
    found = scoring.score_agreement(indicators, results)
    return {one.code: one.score for one in found.flatten() if one.score is not None}


def made(content, *, exact=None, signatures=()):
    """Return the workbook of a content, and its forms as the portal prints them."""
    forms = form_set(contents.source(content, signatures), verify_url=contents.verify_url)
    scores = exact_of(content) if exact is None else exact
    return form_2_xlsx([FormSource(set=forms, content=content, exact=scores)], title="ปผ.2"), forms


def shown(value, places):
    """Return a number as its format shows it."""
    return "" if value in ("", None) else f"{value:.{places}f}" if isinstance(value, int | float) else value


def figures(body, forms, rounding):
    """Return what the workbook shows and what the portal prints, figure by figure."""
    sheet, form = Spreadsheet(body, rounding), forms.form_2
    lines, line = [], FIRST
    for row in form.rows:
        lines.append(line)
        line += 1 + len(row.classes)
    last = line + 2 if form.is_rebased else line + 1
    cells = {f"{AT.weighted}{at}": (row.outcome.weighted, 4) for at, row in zip(lines, form.rows, strict=True)}
    parents = {
        f"{AT.score}{at}": (row.outcome.score, 4) for at, row in zip(lines, form.rows, strict=True) if row.is_parent
    }
    sums = {f"{AT.weighted}{line}": (form.column, 4), f"{AT.weighted}{last}": (form.achievement, 2)}
    if form.is_rebased:
        sums[f"{AT.weighted}{line + 1}"] = (form.total, 4)
    told = {(FORM, at): wanted for at, wanted in (cells | parents | sums).items()}
    components = forms.form_1.components
    told |= {(SCORES, f"B{at}"): (row.score, 2) for at, row in enumerate(components, start=5)}
    told |= {(SCORES, f"D{at}"): (row.product, 2) for at, row in enumerate(components, start=5)}
    told |= {(SCORES, "D7"): (forms.form_1.final, 2), (SCORES, "D8"): (forms.form_1.grade, 2)}
    told[SCORES, "D17"] = (forms.form_3.competency, 2)
    found = {at: shown(sheet.value(*at), places) for at, (_wanted, places) in told.items()}
    return found, {at: wanted for at, (wanted, _places) in told.items()}


# --- The same digits -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("kind", ["finished", "cancelled", "reported", "agreed", "blank"])
def test_the_formulas_come_to_the_digits_that_the_portal_prints(kind, rounding):
    body, forms = made(getattr(contents, kind)())

    found, wanted = figures(body, forms, rounding)

    assert found == wanted


def test_what_was_reckoned_beforehand_is_what_the_formulas_come_to():
    body, _forms = made(contents.finished())
    kept = openpyxl.load_workbook(io.BytesIO(body), data_only=True)

    sheet, differing, formulas = Spreadsheet(body), [], 0
    for one in sheet.book.worksheets:
        for cell in (cell for row in one.iter_rows() for cell in row if cell.data_type == "f"):
            formulas += 1
            before, now = kept[one.title][cell.coordinate].value, sheet.value(one.title, cell.coordinate)
            same = before == now if isinstance(now, str) else abs((before or 0) - now) < 1e-9
            differing += [] if same or (not before and not now) else [(cell.coordinate, before, now)]

    assert (formulas > 60, differing) == (True, [])


def indicators(weights, *, step=10):
    levels = {str(level): str(60 + step * (level - 1)) for level in range(1, 6)}
    return [
        contents.item(
            {
                "code": str(number), "title": f"ตัวชี้วัดที่ {number}", "weight": weight,
                "criteria": {"kind": "thresholds", "levels": levels},
                "measure": {"kind": "formula", "expression": "a / b", "variables": {"a": {}, "b": {}}},
            }
        )
        for number, weight in enumerate(weights, start=1)
    ]  # fmt: skip


def reported(values):
    return {str(number): {"variables": {"a": str(a), "b": str(b)}} for number, (a, b) in enumerate(values, start=1)}


WEIGHTS = st.sampled_from(["5", "10", "15", "20", "12.5", "16.67", "33.33", "0.5", "7.25"])
VALUES = st.one_of(
    st.tuples(st.decimals("55", "101", places=4), st.just(1)),
    st.tuples(st.integers(5000, 300000), st.integers(37, 3000)),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(WEIGHTS, VALUES), min_size=1, max_size=9), st.sampled_from([10, 3, 7]))
def test_any_scores_come_to_the_same_digits_by_any_rounding(rows, step):
    items = indicators([weight for weight, _value in rows], step=step)
    content = contents.finished(reported([value for _weight, value in rows]), items=items)
    body, forms = made(content)

    for rounding in ROUNDINGS:
        found, wanted = figures(body, forms, rounding)
        assert found == wanted


# 15 × (1 + 0.001 ÷ 3) ÷ 100 is 0.15005, though the score has no last digit; and plain ties at the fifth place.
TIES = [("15", "60.001", 3, "0.1501"), ("50", "60.001", 10, "0.5001"), ("10", "60.005", 10, "0.1001"),
        ("5", "84.33", 10, "0.1717"), ("30", "61.00035", 3, "0.4000")]  # fmt: skip


@pytest.mark.parametrize(("weight", "value", "step", "weighted"), TIES)
def test_a_tie_is_rounded_up_by_any_program(weight, value, step, weighted):
    content = contents.finished(reported([(value, 1)]), items=indicators([weight], step=step))
    body, forms = made(content)

    assert forms.form_2.rows[0].outcome.weighted == weighted
    assert {shown(Spreadsheet(body, one).value(FORM, f"{AT.weighted}9"), 4) for one in ROUNDINGS} == {weighted}
    assert openpyxl.load_workbook(io.BytesIO(body))[FORM][f"{AT.weighted}9"].data_type == "f"


def test_control_without_what_is_added_a_program_rounds_a_tie_down(monkeypatch):
    monkeypatch.setattr(form_2_figures, "NUDGE_WRITTEN", "0")
    found = set()
    for weight, value, step, _weighted in TIES:
        content = contents.finished(reported([(value, 1)]), items=indicators([weight], step=step))
        body, forms = made(content)
        told = forms.form_2.rows[0].outcome.weighted
        found |= {shown(Spreadsheet(body, one).value(FORM, f"{AT.weighted}9"), 4) == told for one in ROUNDINGS}

    assert found == {True, False}


def test_where_a_formula_cannot_come_to_the_digit_the_portals_figure_stands():
    # A hair below the tie, closer than what is added.
    content = contents.finished(reported([("60.00099999999999", 1)]), items=indicators(["15"], step=3))
    body, forms = made(content)

    cell = openpyxl.load_workbook(io.BytesIO(body))[FORM][f"{AT.weighted}9"]
    assert (forms.form_2.rows[0].outcome.weighted, cell.data_type, cell.value) == ("0.1500", "n", 0.15)


def test_the_sheet_reckons_on_when_somebody_changes_a_score():
    body, _forms = made(contents.finished())
    sheet = Spreadsheet(body)
    before = sheet.value(SCORES, "D7")

    sheet.book[FORM][f"{AT.score}14"].value = 1
    sheet.known.clear()

    assert (before, sheet.value(SCORES, "D7")) == (81.85, 78.17)
    assert (sheet.value(SCORES, "D8"), sheet.value(FORM, f"{AT.weighted}14")) == ("ดี", 0.1)


def test_sub_indicators_without_weights_count_alike():
    """The format of frameworks asks for weights, stored agreements of older ones may lack them."""
    item = {"code": "1", "weight": None, "definition": {}}
    below = [Entry(line=at, item=item, told={}, children=(), score=Fraction(at)) for at in (2, 5)]
    entry = Entry(line=1, item=item, told={"score": "3.5000"}, children=below)
    table = Table(at=AT, nothing="–")

    cells = [table.cells(one).score for one in (*below, entry)]

    mean = Formula(says='=IF(COUNT(K2,K5)>0,ROUND(AVERAGE(K2,K5)+1E-11,4),"–")', value=Decimal("3.5000"))
    assert cells == [Decimal(2), Decimal(5), mean]
    assert (table.cells(entry).weighted, entry.weight) == ("–", 0)


# --- Its look as a form ----------------------------------------------------------------------------------------------
def test_it_prints_as_the_form_does():
    body, _forms = made(contents.finished(), signatures=contents.all_signatures())
    sheet = openpyxl.load_workbook(io.BytesIO(body))[FORM]

    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (
        "landscape",
        9,
        0,
    )
    assert sheet.print_title_rows == "$6:$8"
    # What is worked out beside the form is not printed.
    assert re.fullmatch(r".*\$A\$1:\$L\$\d+", sheet.print_area)
    assert sheet["A1"].value == "ส่วนที่ 2 แบบกำหนดและประเมินผลสัมฤทธิ์ของงาน"
    texts = {cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    assert "ลงนามทางอิเล็กทรอนิกส์\nนายอนุชา วงศ์ประเสริฐ\nวันที่ 18 ก.พ. 2556\nรหัส AB12CD34EF56" in texts


def test_figures_are_numbers_and_show_the_digits_of_the_form():
    body, _forms = made(contents.finished())
    sheet = openpyxl.load_workbook(io.BytesIO(body))[FORM]

    # 1.1: 5 per cent, and a value of 85.0000.
    found = [(sheet[at].value, sheet[at].data_type, sheet[at].number_format) for at in ("D10", "J10", "K10")]
    assert found == [(5, "n", "0"), (85, "n", "0.0000"), (4, "n", "0.0000")]
    row = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_name(FORM).to_python(skip_empty_area=False)[9]
    assert row[3] == 5


def test_a_score_is_written_with_all_the_digits_that_a_spreadsheet_keeps():
    assert form_2_figures.written(Fraction(10, 3)) == Decimal("3.33333333333333")
    assert form_2_figures.written(Fraction("9.95")) == Decimal("9.95")
    assert form_2_figures.written(Fraction(100)) == Decimal("100")


HOSTILE = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")', "{=1}", "<r><t>x</t></r>"]


def _hostile(text):
    content = contents.finished(reported([("83.95", 1)]), items=indicators(["100"]))
    content["items"][0] |= {"title": text, "goal": text}
    content["parties"]["assessee"] |= {"name": text}
    return made(content)[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_whatever_it_begins_with(text):
    sheet = openpyxl.load_workbook(io.BytesIO(_hostile(text)))[FORM]

    assert [(sheet[at].data_type, sheet[at].value.strip(), sheet[at].hyperlink) for at in ("B9", "C9")] == [
        ("s", text.strip(), None)
    ] * 2


def test_control_written_as_usual_it_is_a_formula(monkeypatch):
    monkeypatch.setattr("reports.form_2_workbook.AS_TEXT", {})
    monkeypatch.setattr("xlsxwriter.worksheet.Worksheet.write_string", lambda self, *given: self.write(*given))

    assert openpyxl.load_workbook(io.BytesIO(_hostile("=1+1")))[FORM]["C9"].data_type == "f"


# --- Who gets it -----------------------------------------------------------------------------------------------------
def _sent(client, place, user):
    client.force_login(user)
    response = client.get(reverse("reports:form-2-workbook", args=[place.agreement.pk]))
    assert response.status_code == 200
    return response.content


def _score(body):
    return Spreadsheet(body).value(FORM, f"{AT.score}9")


def _assessed_at_3_5():
    """Return an office whose assessor gave 3.5 where the assessee said 4, not released."""
    place = bring_to(office(releases_on_assessment=False), State.REPORTED)
    judge_all(place)
    item = place.version.items.get()
    results.set_score(place.version, item, Decimal("3.5"), reason="ไม่ครบถ้วน", by=place.assessor, at=NOON)
    sign(place, actions.ASSESS, place.assessor)
    return place


@pytest.mark.django_db
def test_the_assessee_gets_the_self_score_until_the_release_and_hr_the_assessment(client):
    place = _assessed_at_3_5()

    assert (_score(_sent(client, place, place.assessee)), _score(_sent(client, place, place.hr))) == (4, 3.5)
    bring_to(place, State.RELEASED)
    assert _score(_sent(client, place, place.assessee)) == 3.5


@pytest.mark.django_db
def test_control_without_asking_who_sees_it_the_assessment_is_told(client, monkeypatch):
    place = _assessed_at_3_5()
    monkeypatch.setattr(content_service, "sees_assessment", lambda version, user, **known: True)

    assert _score(_sent(client, place, place.assessee)) == 3.5


@pytest.mark.django_db
def test_strangers_and_offices_have_none_and_reading_others_is_logged(client):
    place, town = bring_to(office(), State.RELEASED), municipality()
    client.force_login(office().assessee)
    assert client.get(reverse("reports:form-2-workbook", args=[place.agreement.pk])).status_code == 404
    client.force_login(town.hr)
    assert client.get(reverse("reports:form-2-workbook", args=[town.agreement.pk])).status_code == 404

    _sent(client, place, place.assessee)
    assert not Event.objects.filter(verb="read").exists()
    _sent(client, place, place.hr)
    (event,) = Event.objects.filter(verb="read")
    assert (event.actor, event.agreement, event.text.details["page"]) == (place.hr, place.agreement, "form-2-workbook")


@pytest.mark.django_db
def test_of_what_was_split_each_part_has_its_sheet(client):
    place = was_split()
    bring_part(place, 1, State.ASSESSED)

    book = openpyxl.load_workbook(io.BytesIO(_sent(client, place, place.hr)))

    assert book.sheetnames == ["ปผ.2 ช่วงที่ 1", "ปผ.2 ช่วงที่ 2"]
    assert "ช่วงที่ 1 : 1 ต.ค. 2555 – 29 ธ.ค. 2555 (90 วัน)" in book.worksheets[0]["A2"].value


# --- Scores before they were rounded ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_scores_before_rounding_come_from_the_results_while_they_say_what_was_signed():
    place = bring_to(office(), State.RELEASED, value="83.33335")
    content = form_source(place.version, viewer=place.hr).content
    code = place.version.items.get().code

    assert exact_scores(place.version, content) == {code: Fraction("3.333335")}


@pytest.mark.django_db
def test_else_from_the_trace_that_was_signed():
    place = bring_to(office(), State.RELEASED, value="83.33335")
    content = form_source(place.version, viewer=place.hr).content
    item = place.version.items.get()
    with lifted():
        Result.objects.update(inputs={"value": "70"})

    assert exact_scores(place.version, content) == {item.code: Fraction("3.333335")}
    # And what is displayed is all there is where the trace has no weight.
    bare = {"scores": {"indicators": [{"code": "x", "score": "4.1235", "trace": []}]}}
    assert exact_scores(place.version, bare) == {"x": Fraction("4.1235")}
