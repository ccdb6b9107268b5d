import datetime
import io
import zipfile
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from agreements.models import Event, Item, Posting, State, User
from agreements.models.agreements import AgreementQuerySet
from agreements.services import agreements as services, content as contents, jobs, opening, round_figures
from reports import sheets
from tests.factories import NOON, OrganisationFactory, RoleFactory
from tests.guards import lifted
from tests.splits import bring_part, was_split
from tests.walks import bring_to, colleague, municipality, office

pytestmark = pytest.mark.django_db
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUMMARY = (
    "number", "name", "position", "level", "position_number", "group", "office", "unit", "state", "since", "own",
    "achievement", "achievement_weight", "competency", "competency_weight", "final", "grade", "assessor", "agreed",
    "assessed", "acknowledged",
)  # fmt: skip
DETAIL = (
    "number", "name", "position", "office", "unit", "state", "part", "code", "title", "measure", "weight", "value",
    "own", "score", "weighted", "status", "reason", "trace",
)  # fmt: skip
FEBRUARY_18 = datetime.datetime(2013, 2, 18)


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    monkeypatch.setattr("reports.round_views.clock.now", lambda: NOON)


def sent(client, name, place, user=None, **asked):
    client.force_login(user or place.hr)
    # What is asked for here are msgids.
    client.cookies["django_language"] = "en"
    response = client.get(reverse(f"reports:{name}-workbook", args=[place.round.pk]), asked)
    assert (response.status_code, response["Content-Type"]) == (200, XLSX)
    return response.getvalue()


def sheet_of(body, number=0):
    return openpyxl.load_workbook(io.BytesIO(body)).worksheets[number]


def rows(body, names):
    found = sheet_of(body).iter_rows(min_row=5)
    return [dict(zip(names, (cell.value for cell in row), strict=True)) for row in found]


def summary(client, place, user=None, **asked):
    return rows(sent(client, "summary", place, user, **asked), SUMMARY)


def detail(client, place, user=None, **asked):
    return rows(sent(client, "detail", place, user, **asked), DETAIL)


# --- The summary -----------------------------------------------------------------------------------------------------
def test_the_summary_has_a_row_a_person_with_scores_grade_days_and_state(client):
    place = bring_to(office(), State.CLOSED)

    (row,) = summary(client, place)

    assessee = place.version.parties.get(capacity="assessee")
    assert row == {
        "number": 1, "name": place.assessee.full_name, "position": assessee.title, "level": "ชำนาญการ",
        "position_number": assessee.number, "group": "Civil servant", "office": assessee.office,
        "unit": place.unit.name, "state": "Closed", "since": FEBRUARY_18, "own": 80, "achievement": 80,
        "achievement_weight": 0.7, "competency": 100, "competency_weight": 0.3, "final": 86, "grade": "ดีมาก",
        "assessor": place.assessor.full_name, "agreed": FEBRUARY_18, "assessed": FEBRUARY_18,
        "acknowledged": FEBRUARY_18,
    }  # fmt: skip


def test_days_are_days_in_the_buddhist_era_and_shares_are_per_cent(client):
    place = bring_to(office(), State.CLOSED)

    found = sheet_of(sent(client, "summary", place))[5]

    assert (found[9].is_date, found[9].number_format) == (True, "[$-107041E]d mmm yyyy")
    assert [found[at].number_format for at in (10, 12, 15)] == ["0.00", "0%", "0.00"]
    # A position's number keeps its zeros.
    assert (found[4].data_type, found[4].number_format) == ("s", "@")


def test_what_is_reported_has_the_self_score_alone_and_what_is_agreed_none(client):
    place = bring_to(office(), State.REPORTED)
    bring_to(colleague(place), State.AGREED)

    reported, agreed = sorted(summary(client, place), key=lambda row: row["state"], reverse=True)

    assert [reported[name] for name in ("own", "achievement", "competency", "final", "grade", "assessed")] == [
        80, None, None, None, None, None,
    ]  # fmt: skip
    assert (agreed["own"], agreed["agreed"]) == (None, FEBRUARY_18)


def test_the_second_sheet_sums_by_unit(client):
    place = bring_to(office(), State.CLOSED)
    bring_to(colleague(place), State.AGREED)
    bring_to(colleague(place), State.CLOSED, value="95")

    found = sheet_of(sent(client, "summary", place), 1)

    heads, *units, whole = [[cell.value for cell in row] for row in found.iter_rows(min_row=4)]
    assert heads[2:] == [
        "Agreements", "With a final score", "Mean of the final scores", *(one["label"] for one in place.round.grades),
    ]  # fmt: skip
    # 86 and 93, ดีมาก and ดีเด่น.
    assert units == [[place.province.name, place.unit.name, 3, 2, 89.5, 1, 1, 0, 0, 0]]
    assert whole == ["All units", None, 3, 2, 89.5, 1, 1, 0, 0, 0]


def test_the_whole_of_what_was_split_stands_in_one_row_once_all_of_it_is_signed(client):
    place = was_split(releases_on_assessment=False)
    for number, value in ((1, "90"), (2, "95")):
        bring_part(place, number, State.ASSESSED, value=value)

    (row,) = summary(client, place)
    first, second = detail(client, place)

    # 90 days of 80 and 92 of 90.
    assert (row["achievement"], row["own"]) == (85.05, None)
    assert (first["part"][:8], second["part"][:8]) == ("ช่วงที่ ", "ช่วงที่ ")
    assert (first["score"], second["score"]) == (4, 4.5)


# --- The detail ------------------------------------------------------------------------------------------------------
def test_the_detail_has_a_row_an_indicator_with_its_trace_in_words(client):
    place = bring_to(office(), State.CLOSED, value="83.95")

    (row,) = detail(client, place)

    figures = {name: row[name] for name in ("weight", "value", "own", "score", "weighted", "status")}
    assert figures == {
        "weight": 100, "value": 83.95, "own": 3.395, "score": 3.395, "weighted": 3.395, "status": "Scored",
    }  # fmt: skip
    assert row["trace"].splitlines() == [
        "Measured value: 83.9500.",
        "Between level 3 (80) and level 4 (90): 3 + (83.95 − 80) ÷ (90 − 80) × 1 = 3.3950.",
        "Weighted score: 100 × 3.395 ÷ 100 = 3.3950.",
    ]


def test_before_the_assessment_the_detail_tells_the_self_score_and_before_the_report_the_weight(client):
    place = bring_to(office(), State.REPORTED)
    other = bring_to(colleague(place), State.AGREED)

    found = {row["name"]: row for row in detail(client, place)}

    reported, agreed = found[place.assessee.full_name], found[other.assessee.full_name]
    assert [reported[name] for name in ("own", "score", "weighted", "status")] == [
        4, None, None, "Scored (self-assessment)",
    ]  # fmt: skip
    assert [agreed[name] for name in ("weight", "own", "score", "trace")] == [100, None, None, None]


# --- Who sees what ---------------------------------------------------------------------------------------------------
def _with_own_of_hr(place):
    """Let HR hold a position, with an agreement of their own beside the office's."""
    posting = Posting.objects.create(
        user=place.hr, organisation=place.unit, title="นักทรัพยากรบุคคล", starts_on=place.posting.starts_on,
        assessor=place.posting.assessor,
    )  # fmt: skip
    agreement = services.open_agreement(place.round, posting, by=place.hr, at=NOON)
    return replace(place, posting=posting, assessee=place.hr, agreement=agreement)


def _own_and_others(client, place):
    by_name = {row["name"]: row for row in summary(client, place)}
    return by_name.pop(place.hr.full_name), next(iter(by_name.values()))


def test_hr_sees_the_assessment_of_others_before_the_release_but_not_their_own(client):
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    bring_to(_with_own_of_hr(place), State.ASSESSED)

    own, others = _own_and_others(client, place)

    assert (others["achievement"], others["final"], others["assessed"]) == (80, 86, FEBRUARY_18)
    assert [own[name] for name in ("own", "achievement", "final", "grade", "assessed")] == [80, None, None, None, None]
    told = {row["name"]: row for row in detail(client, place)}
    assert (told[place.hr.full_name]["score"], told[place.hr.full_name]["own"]) == (None, 4)


def test_control_without_asking_who_sees_an_assessment_it_is_told(client, monkeypatch):
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    bring_to(_with_own_of_hr(place), State.ASSESSED)
    monkeypatch.setattr(contents, "sees_assessment", lambda version, user, **known: True)

    own, _others = _own_and_others(client, place)

    assert own["final"] == 86


@pytest.mark.parametrize("name", ["summary", "detail"])
def test_hr_of_a_unit_gets_its_rows_alone(client, name):
    place = bring_to(office(), State.CLOSED)
    beside = RoleFactory(organisation=OrganisationFactory(parent=place.province, kind="group")).user
    of_unit = RoleFactory(organisation=place.unit).user

    names = DETAIL if name == "detail" else SUMMARY
    assert rows(sent(client, name, place, beside), names) == []
    assert [row["name"] for row in rows(sent(client, name, place, of_unit), names)] == [place.assessee.full_name]


def test_control_without_the_queryset_all_rows_are_told(client, monkeypatch):
    place = bring_to(office(), State.CLOSED)
    beside = RoleFactory(organisation=OrganisationFactory(parent=place.province, kind="group")).user
    monkeypatch.setattr(AgreementQuerySet, "visible_to", lambda self, user: self)

    assert len(summary(client, place, beside)) == 1


@pytest.mark.parametrize("name", ["summary", "detail"])
def test_executives_get_no_results_of_people_and_strangers_nothing(client, name):
    place = office()
    address = reverse(f"reports:{name}-workbook", args=[place.round.pk])
    for user, status in (
        (RoleFactory(organisation=place.province, kind="executive").user, 403),
        (RoleFactory(organisation=OrganisationFactory()).user, 404),
        (place.assessor, 404),
    ):
        client.force_login(user)
        assert client.get(address).status_code == status


def test_executives_get_those_of_offices_once_released(client):
    place = bring_to(municipality(releases_on_assessment=False), State.ASSESSED)
    executive = RoleFactory(organisation=place.province, kind="executive").user

    (before,) = summary(client, place, executive)
    bring_to(place, State.RELEASED)
    (after,) = summary(client, place, executive)

    assert (before["name"], before["own"], before["final"]) == (place.province.name, 80, None)
    assert (after["final"], after["competency"], after["competency_weight"]) == (80, None, None)


def test_whose_results_were_given_out_stands_in_the_log_once(client):
    place = bring_to(office(), State.CLOSED)
    other = bring_to(colleague(place), State.REPORTED)
    colleague(place)

    sent(client, "summary", place)

    (event,) = Event.objects.filter(verb="read", actor=place.hr)
    keys = {place.agreement.pk, other.agreement.pk}
    assert event.text.details["page"] == "summary-workbook"
    assert (set(event.text.details["agreements"]), set(event.batch.values_list("pk", flat=True))) == (keys, keys)
    assert event.office == place.province


def test_filters_are_those_of_the_board_and_stand_above(client):
    place = bring_to(office(), State.CLOSED)
    bring_to(colleague(place), State.REPORTED)

    body = sent(client, "summary", place, state="closed", unit=str(place.unit.pk))

    assert [row["name"] for row in rows(body, SUMMARY)] == [place.assessee.full_name]
    told = sheet_of(body)["A2"].value
    assert told.startswith(f"{place.unit.name} · State: Closed · ")


# --- Text, numbers, sizes --------------------------------------------------------------------------------------------
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "http://evil.example", "\t=1", "001", "{=1}"]


def _hostile(place, text):
    with lifted():
        Item.objects.filter(version=place.version).update(title=text, code=text)
        place.version.parties.update(name=text, title=text, level=text, number=text)
        User.objects.filter(pk=place.assessee.pk).update(prefix="", first_name=text, last_name="")


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_whatever_it_begins_with(client, text):
    place = bring_to(office(), State.AGREED)
    _hostile(place, text)

    summed, detailed = sheet_of(sent(client, "summary", place)), sheet_of(sent(client, "detail", place))

    cells = [summed.cell(5, at) for at in (3, 4, 5, 18)] + [detailed.cell(5, at) for at in (3, 8, 9)]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(text, "s", None)] * 7


def test_control_written_as_usual_it_becomes_a_formula(client, monkeypatch):
    place = bring_to(office(), State.AGREED)
    _hostile(place, "=1+1")
    monkeypatch.setattr(sheets, "AS_TEXT", {})
    monkeypatch.setattr("xlsxwriter.worksheet.Worksheet.write_string", lambda self, *given: self.write(*given))

    assert sheet_of(sent(client, "summary", place)).cell(5, 3).data_type == "f"


MARKUP = "<r><t>x</t></r>"


def test_text_that_looks_like_markup_of_the_format_stays_text(client, monkeypatch):
    place = bring_to(office(), State.AGREED)
    _hostile(place, MARKUP)

    assert sheet_of(sent(client, "detail", place)).cell(5, 9).value == f"{MARKUP} "
    # Left to the writer, it goes into the file as markup.
    monkeypatch.setattr(sheets, "plain_text", lambda text: text)
    assert sheet_of(sent(client, "detail", place)).cell(5, 9).value == "x"


def test_numbers_are_written_with_their_own_digits(client):
    # As a float it would be written 9.949999999999999.
    assert f"{9.95:.16G}" != "9.95"
    place = bring_to(office(), State.REPORTED, value="9.95")

    with zipfile.ZipFile(io.BytesIO(sent(client, "detail", place))) as archive:
        written = archive.read("xl/worksheets/sheet1.xml").decode()

    assert "<v>9.9500</v>" in written
    assert "9.949" not in written


@pytest.mark.parametrize(
    ("text", "number"),
    [("9.95", "9.95"), ("0.0000", "0"), ("-3.5", "-3.5"), ("123456789012345", "123456789012345")],
)
def test_a_figure_is_a_number(text, number):
    assert sheets.decimal_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["1234567890123.4567", "ไม่รายงาน", "", None, "1e5", "๑๒"])
def test_a_figure_that_a_workbook_would_cut_is_none(text):
    assert sheets.decimal_of(text) is None


def test_calamine_reads_the_same(client):
    place = bring_to(office(), State.CLOSED)

    book = CalamineWorkbook.from_filelike(io.BytesIO(sent(client, "summary", place)))

    row = book.get_sheet_by_index(0).to_python(skip_empty_area=False)[4]
    assert (row[0], row[9], row[15], row[16]) == (1, datetime.date(2013, 2, 18), 86, "ดีมาก")


def _grown(place, count):
    begun = User.objects.count()
    people = User.objects.bulk_create(
        User(username=f"many{number}", first_name=f"คนที่{number}", sort_key=f"{number:05}")
        for number in range(begun, begun + count)
    )
    held = {"organisation": place.unit, "assessor": place.posting.assessor, "starts_on": place.posting.starts_on}
    Posting.objects.bulk_create(Posting(user=one, title="นักวิชาการ", **held) for one in people)
    job = opening.begin(place.round, by=place.hr, at=NOON, now=timezone.now())
    jobs.run(job.pk, clock=timezone.now, at=NOON)


def _asked(client, name, place):
    sent(client, name, place)
    with CaptureQueriesContext(connection) as captured:
        sent(client, name, place)
    return len(captured)


@pytest.mark.parametrize("name", ["summary", "detail"])
def test_a_chunk_asks_as_often_for_many_as_for_few_and_each_chunk_alike(client, name, monkeypatch):
    place = bring_to(office(), State.CLOSED)
    bring_to(colleague(place), State.REPORTED)
    colleague(place)
    few = _asked(client, name, place)
    for state in (State.CLOSED, State.REPORTED, State.DRAFT):
        bring_to(colleague(place), state)

    assert _asked(client, name, place) == few
    # Each kind of agreement is asked for by its own questions, all of them in every chunk at the most.
    monkeypatch.setattr(round_figures, "CHUNK", 2)
    assert _asked(client, name, place) <= 3 * few


def test_a_list_of_nobody_is_a_workbook_too(client):
    place = office()

    assert summary(client, place, state="closed") == []
