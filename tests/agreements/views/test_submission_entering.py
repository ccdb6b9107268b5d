"""Entering a report without a script, and what the script is answered."""

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from agreements.models import Role
from agreements.services import reporting_rights, reporting_units, submission_judging as judging, submissions
from tests.entering import DECEMBER_NOON, EVERY_KIND, FIGURES, FILES, NOON, Units, cells_of, fixed, table
from tests.factories import OrganisationFactory, RoleFactory
from tests.files import picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(settings):
    settings.DEMO, settings.DEMO_TODAY = True, NOON.date()
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


def page(submission):
    return reverse("agreements:enter-submission", args=[submission.pk])


def sent(client, submission, *writes):
    """Send cells as the script does: address, text, what was seen."""
    told = [{"cell": cell, "text": text, "seen": seen} for cell, text, seen in writes]
    return client.post(reverse("agreements:write-cells", args=[submission.pk]), {"writes": json.dumps(told)})


def fields(response):
    """Return what a browser would send of the page as it is, untouched."""
    posted = {"seen": response.context["seen"]}
    for sheet in response.context["tables"]:
        for row in sheet.rows:
            posted |= {f"cell:{cell.address}": cell.text for cell in row.cells if cell.kind != "file"}
    return posted


# --- A plain form ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("most", "status"), [(20_000, 302), (5000, 400)])
def test_a_report_of_thousands_of_fields_is_saved_without_a_script(client, settings, most, status):
    # The second is the control: what Django refuses by itself.
    if most != 20_000:
        settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = most
    units = Units(table("projects", EVERY_KIND, fixed()))
    submission = units.opened()
    client.force_login(units.head)

    response = client.post(page(submission), {"cell:projects/1/name": ["ก"] * 9000, "seen": "{}"})

    assert response.status_code == status
    assert cells_of(submission) == ({"projects/1/name": ("ก", True)} if status == 302 else {})


def test_a_page_of_more_fields_than_can_be_sent_says_so_where_there_is_no_script(client, settings):
    units = Units(table("projects", EVERY_KIND, fixed()))
    submission = units.opened()
    client.force_login(units.head)
    assert "<noscript>" not in client.get(page(submission)).content.decode()

    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10

    assert "would not be saved" in client.get(page(submission)).content.decode()


def test_a_page_sent_back_untouched_changes_nothing(client):
    units = Units(table("projects", EVERY_KIND, fixed()))
    submission = units.opened()
    units.write(
        submission,
        ("projects/1/name", "สองบรรทัด\nจริง"),
        ("projects/1/money", "1234.567"),
        ("projects/1/share", "๐.๓๓๓๓๓๓๓๓๓๓๓๓๓๓๓๓๓"),
        ("projects/1/day", "20 มี.ค. 2556"),
        ("projects/1/fits", "ใช่"),
        ("projects/1/kind", "ใหม่"),
        ("projects/2/share", "ไม่ทราบ"),
        ("projects/2/fits", "อาจจะ"),
    )
    submissions.write_cells(submission, [], by=units.head, at=NOON)
    client.force_login(units.reporter)
    before = cells_of(submission)
    posted = {name: text.replace("\n", "\r\n") for name, text in fields(client.get(page(submission))).items()}

    response = client.post(page(submission), posted)

    assert response.status_code == 302
    assert cells_of(submission) == before


def test_control_what_is_shown_with_two_decimals_would_change_what_is_kept(client, monkeypatch):
    units = Units(table("projects", EVERY_KIND, fixed()))
    submission = units.opened()
    units.write(submission, ("projects/1/money", "1234.567"))
    client.force_login(units.reporter)
    posted = fields(client.get(page(submission))) | {"cell:projects/1/money": "1,234.57"}

    client.post(page(submission), posted)

    assert cells_of(submission) == {"projects/1/money": ("1234.57", True)}


def test_a_second_writer_is_shown_mine_and_theirs_and_nothing_goes_over(client):
    units = Units()
    submission = units.opened()
    client.force_login(units.reporter)
    posted = fields(client.get(page(submission)))
    units.write(submission, ("centres/1/all", "70"), ("centres/2/all", "5"))

    response = client.post(page(submission), posted | {"cell:centres/1/all": "90", "cell:centres/3/all": "3"})

    assert response.status_code == 409
    assert response.context["differences"] == [
        {"name": "cell:centres/1/all", "label": "อำเภอ 1 · จำนวน อปท. ทั้งหมด", "mine": "90", "theirs": "70"}
    ]
    kept = {"centres/1/all": ("70", True), "centres/2/all": ("5", True), "centres/3/all": ("3", True)}
    assert cells_of(submission) == kept
    client.post(page(submission), {"seen": response.context["seen"], "cell:centres/1/all": "90"})
    assert cells_of(submission) == kept | {"centres/1/all": ("90", True)}


def test_completing_saves_first_and_says_what_is_missing_at_its_field(client):
    units = Units()
    submission = units.filled()
    client.force_login(units.reporter)
    posted = fields(client.get(page(submission))) | {"cell:centres/2/done": "", "cell:centres/3/done": "5"}

    response = client.post(page(submission), posted | {"complete": "1"})

    assert response.status_code == 422
    assert [place for place, _words in response.context["findings"]] == ["1-2-2", "1-3-1"]
    assert cells_of(submission)["centres/3/done"] == ("5", True)
    submission.refresh_from_db()
    assert submission.state == "draft"


def test_what_comes_after_the_closing_day_is_refused_and_shown(client):
    due = {"day": 15, "months_after": 1, "closes_after": 0}
    units = Units(due=due)
    # November's closed in December, while it was open the page was shown.
    submission = units.opened(period=date(2012, 11, 1), at=DECEMBER_NOON.replace(year=2012, month=12, day=3))
    client.force_login(units.reporter)

    response = client.post(page(submission), {"seen": "{}", "cell:centres/1/note": "พิมพ์ไว้"})

    assert response.status_code == 409
    assert response.context["locked"] == "It closed on 17 ธ.ค. 2555 and takes nothing any more."
    assert response.context["unsaved"] == [("อำเภอ 1 · ปัญหา/อุปสรรค (ถ้ามี)", "พิมพ์ไว้")]
    assert "พิมพ์ไว้" in response.content.decode()
    assert cells_of(submission) == {}


def test_control_without_the_closing_day_it_would_be_written(client, monkeypatch):
    units = Units(due={"day": 15, "months_after": 1, "closes_after": 0})
    submission = units.opened(period=date(2012, 11, 1), at=DECEMBER_NOON.replace(year=2012, month=12, day=3))
    client.force_login(units.reporter)
    monkeypatch.setattr(submissions, "ask_for_open", lambda submission, *, at: None)

    client.post(page(submission), {"seen": "{}", "cell:centres/1/note": "พิมพ์ไว้"})

    assert cells_of(submission) == {"centres/1/note": ("พิมพ์ไว้", True)}


def test_the_period_before_stands_beside_each_cell_and_another_unit_reads_none_of_it(client):
    units = Units()
    units.filled(period=date(2012, 12, 1), at=DECEMBER_NOON)
    units.opened(place=units.other, period=date(2012, 12, 1), at=DECEMBER_NOON)
    submission = units.opened()
    client.force_login(units.reporter)

    context = client.get(page(submission)).context

    assert context["before_period"] == "December 2555"
    assert [cell.before for cell in context["tables"][0].rows[0].cells] == ["10", "4", "6", ""]


def test_the_period_before_is_found_by_the_names_of_the_rows(client):
    units = Units()
    units.filled(period=date(2012, 12, 1), at=DECEMBER_NOON)
    turned = {"kind": "fixed", "heading": "อำเภอ", "titles": ["อำเภอใหม่", "อำเภอ 3", "อำเภอ 1"]}
    again = units.laid_down(table("centres", FIGURES, turned))
    submission = submissions.open_submission(
        again, organisation=units.district, period=date(2013, 1, 1), by=units.head, at=NOON
    )
    units.write(submission, ("centres/1/all", "1"))
    client.force_login(units.reporter)

    rows = client.get(page(submission)).context["tables"][0].rows

    assert [(row.row.title, row.cells[0].before) for row in rows] == [
        ("อำเภอใหม่", ""), ("อำเภอ 3", "10"), ("อำเภอ 1", "10"),
    ]  # fmt: skip


# --- Rows, files, comments -------------------------------------------------------------------------------------------
def test_a_row_taken_out_lets_the_others_move_up(client):
    units = Units(table("projects", EVERY_KIND, {"kind": "free", "heading": "ลำดับที่"}))
    submission = units.opened()
    units.write(submission, *((f"projects/{row}/name", f"โครงการ {row}") for row in (1, 2, 3)))
    client.force_login(units.reporter)

    client.post(page(submission), fields(client.get(page(submission))) | {"take-out": "projects/2"})

    assert cells_of(submission) == {"projects/1/name": ("โครงการ 1", True), "projects/2/name": ("โครงการ 3", True)}


def test_a_row_with_figures_is_taken_out_only_once_that_was_confirmed(client):
    units = Units(table("projects", EVERY_KIND, {"kind": "free", "heading": "ลำดับที่"}))
    submission = units.opened()
    units.write(submission, ("projects/1/name", "โครงการ 1"), ("projects/1/money", "1234.5"))
    client.force_login(units.reporter)

    asked = client.post(page(submission), {"seen": "{}", "remove": "projects/1"})
    nothing_to_ask = client.post(page(submission), {"seen": "{}", "remove": "projects/2"})

    assert [text for _title, text in asked.context["taking_out"]["cells"]] == ["โครงการ 1", "1,234.50"]
    assert 'name="take-out" value="projects/1"' in asked.content.decode()
    assert nothing_to_ask.status_code == 302
    assert len(cells_of(submission)) == 2


def test_a_row_above_a_commented_cell_is_emptied_and_stays(client):
    units = Units(table("projects", EVERY_KIND, {"kind": "free", "heading": "ลำดับที่"}))
    submission = units.opened()
    units.write(submission, *((f"projects/{row}/name", f"โครงการ {row}") for row in (1, 2, 3)))
    submissions.complete(submission, by=units.head, at=NOON)
    submissions.certify(submission, by=units.head, at=NOON)
    remarks = [judging.Remark(("projects", "3", "name"), "ชื่อไม่ตรง")]
    judging.return_for_changes(submission, remarks=remarks, reason="", by=units.heads["uttaradit"], at=NOON)
    submission.refresh_from_db()
    client.force_login(units.reporter)

    client.post(page(submission), {"seen": "{}", "take-out": "projects/1"})

    assert cells_of(submission) == {"projects/2/name": ("โครงการ 2", True), "projects/3/name": ("โครงการ 3", True)}


def test_fixed_rows_are_not_taken_out(client):
    units = Units()
    submission = units.filled()
    client.force_login(units.reporter)

    client.post(page(submission), {"seen": "{}", "remove": "centres/1"})

    assert len(cells_of(submission)) == 9


def test_a_file_is_kept_in_its_cell_sent_and_taken_away(client):
    units = Units(table("letters", FILES, fixed(1)))
    submission = units.opened()
    client.force_login(units.reporter)
    upload = SimpleUploadedFile("หนังสือนำส่ง.png", picture(), content_type="image/png")

    client.post(page(submission), {"seen": "{}", "file:letters/1/letter": upload})

    assert cells_of(submission) == {"letters/1/letter": ("หนังสือนำส่ง.png", True)}
    kept = submission.revisions.get().observations.get()
    response = client.get(reverse("agreements:cell-file", args=[submission.pk, kept.pk]))
    assert b"".join(response.streaming_content) == picture()
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    client.post(page(submission), {"seen": json.dumps({"letters/1/letter": kept.value}), "drop:letters/1/letter": "1"})
    assert cells_of(submission) == {}


def test_a_program_is_no_file_and_the_reason_is_told(client):
    units = Units(table("letters", FILES, fixed(1)))
    submission = units.opened()
    client.force_login(units.reporter)
    upload = SimpleUploadedFile("หนังสือ.exe", b"MZ" + bytes(100))

    response = client.post(page(submission), {"seen": "{}", "file:letters/1/letter": upload}, follow=True)

    assert cells_of(submission) == {}
    assert "“หนังสือ.exe” is not of a kind that is taken" in response.content.decode()


def test_a_comment_of_another_report_is_not_found(client):
    units = Units()
    submission, other = units.filled(), units.opened(place=units.other)
    comment = submission.comments.create(
        revision=submission.revisions.get(), table="centres", row="1", column="all", text="?", made_by=units.head,
        made_at=NOON,
    )  # fmt: skip
    client.force_login(units.heads["thapla"])

    response = client.post(page(other), {"seen": "{}", "resolve": comment.pk})

    assert response.status_code == 404
    comment.refresh_from_db()
    assert comment.resolved_at is None


# --- The script ------------------------------------------------------------------------------------------------------
def test_the_script_is_told_what_became_of_each_cell_and_what_follows(client):
    units = Units()
    submission = units.opened()
    units.write(submission, ("centres/1/done", "4"), ("centres/1/not_yet", "6"), ("centres/2/all", "7"))
    client.force_login(units.reporter)

    told = sent(
        client, submission, ("centres/1/all", "๑,๐๐๐", ""), ("centres/2/all", "8", "5"), ("centres/3/all", "x", "")
    )

    assert told.json() == {
        "cells": [
            {"cell": "centres/1/all", "value": "1000", "text": "1,000", "complaint": "", "theirs": False},
            {"cell": "centres/2/all", "value": "7", "text": "7", "complaint": "", "theirs": True},
            {
                "cell": "centres/3/all", "value": "x", "text": "x", "theirs": False,
                "complaint": "This is not a number. Use digits only, for example 1,234.50.",
            },
        ],
        "sums": {"centres/all": "1,007", "centres/done": "4", "centres/not_yet": "6", "centres/note": ""},
        "ratios": {"centres/1": "0.40 %"},
        "imbalances": {
            "centres/1/all": "อำเภอ 1: จัดตั้งแล้ว + ยังไม่จัดตั้ง make 10 together, but จำนวน อปท. ทั้งหมด says 1,000."
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    "writes",
    [
        "", "{}", "[1]", "[{}]", '[{"cell": 1, "text": "", "seen": ""}]', '[{"cell": "a/b/c", "text": 1, "seen": ""}]',
        json.dumps([{"cell": "centres/1/all", "text": "1", "seen": None}]),
        json.dumps([{"cell": "centres/1/all", "text": "1", "seen": ""}] * 501),
    ],
)  # fmt: skip
def test_what_the_script_never_sends_is_a_bad_request(client, writes):
    units = Units()
    submission = units.opened()
    client.force_login(units.reporter)

    response = client.post(reverse("agreements:write-cells", args=[submission.pk]), {"writes": writes})

    assert (response.status_code, cells_of(submission)) == (400 if writes != "{}" else 200, {})


@pytest.mark.parametrize(
    "cell", ["centres/4/all", "centres/1/nothing", "nothing/1/all", "centres", "thapla/thapla/all"]
)
def test_a_cell_that_is_not_there_is_refused_and_nothing_of_the_block_is_written(client, cell):
    units = Units()
    submission = units.opened()
    client.force_login(units.reporter)

    response = sent(client, submission, ("centres/1/all", "1", ""), (cell, "2", ""))

    assert response.status_code == 409
    assert cells_of(submission) == {}


def test_a_unit_outside_ones_subtree_is_no_row_of_ones_report(client):
    below = {"kind": "local_governments", "heading": "อปท."}
    units = Units(table("below", FIGURES, below))
    inside = OrganisationFactory(parent=units.district, kind="local_government", code="5301")
    OrganisationFactory(parent=units.other, kind="local_government", code="5302")
    submission = units.opened()
    client.force_login(units.reporter)

    answers = [sent(client, submission, (f"below/{code}/all", "1", "")).status_code for code in ("5301", "5302")]

    assert answers == [200, 409]
    kept = submission.revisions.get().observations.get()
    assert (kept.row, kept.organisation) == ("5301", inside)


def test_control_without_the_keys_of_the_rows_it_would_be_written(client, monkeypatch):
    units = Units(table("below", FIGURES, {"kind": "local_governments", "heading": "อปท."}))
    OrganisationFactory(parent=units.other, kind="local_government", code="5302")
    submission = units.opened()
    client.force_login(units.reporter)
    monkeypatch.setattr(reporting_units, "keys_of", lambda table, place: {"5302"})

    sent(client, submission, ("below/5302/all", "1", ""))

    assert cells_of(submission) == {"below/5302/all": ("1", True)}


# --- Who may ---------------------------------------------------------------------------------------------------------
def answers_to(client, units, submission, user):
    """Return what `user` is answered to the page and to a write."""
    client.force_login(user)
    return client.get(page(submission)).status_code, sent(client, submission, ("centres/1/note", "x", "")).status_code


def test_the_head_and_reporters_enter_readers_do_not_and_others_see_nothing(client):
    units = Units()
    submission = units.opened()
    executive = RoleFactory(organisation=units.province, kind=Role.Kind.EXECUTIVE).user
    above = RoleFactory(organisation=units.province, kind=Role.Kind.DATA_REPORTER).user

    got = {
        name: answers_to(client, units, submission, user)
        for name, user in {
            "head": units.head, "reporter": units.reporter, "reporter above": above, "executive": executive,
            "head above": units.heads["uttaradit"], "head beside": units.heads["thapla"],
        }.items()
    }  # fmt: skip

    assert got == {
        "head": (200, 200), "reporter": (200, 200), "reporter above": (200, 200), "executive": (403, 403),
        "head above": (403, 403), "head beside": (404, 404),
    }  # fmt: skip


def test_control_without_the_question_who_enters_a_reader_would_write(client, monkeypatch):
    units = Units()
    submission = units.opened()
    executive = RoleFactory(organisation=units.province, kind=Role.Kind.EXECUTIVE).user
    monkeypatch.setattr(reporting_rights, "ask_to_enter", lambda user, place, *, day: None)

    assert answers_to(client, units, submission, executive) == (200, 200)
    assert cells_of(submission) == {"centres/1/note": ("x", True)}


def test_a_certified_report_is_shown_locked_with_the_way_to_take_it_back(client):
    units = Units()
    submission = units.certified()
    client.force_login(units.reporter)

    content = client.get(page(submission)).content.decode()

    assert "cell-input" not in content
    assert reverse("agreements:submission-act", args=[submission.pk, "take-back"]) in content
    # What was approved cannot be taken back, and does not say that it can.
    judging.approve([submission], by=units.heads["uttaradit"], at=NOON)
    assert "only the unit above can unlock it" in client.get(page(submission)).context["locked"]


QUERIES = 28
QUERIES_OF_A_WRITE = 26


@pytest.mark.parametrize("rows", [3, 30])
def test_a_page_asks_as_much_for_three_rows_as_for_thirty(client, rows, django_assert_num_queries):
    units = Units(table("centres", FIGURES, fixed(rows)), table("below", FIGURES, {"kind": "local_governments"}))
    for _number in range(rows):
        OrganisationFactory(parent=units.district, kind="local_government")
    submission = units.opened()
    cells = [(f"centres/{row}/all", "5") for row in range(1, rows + 1)]
    units.write(submission, *cells)
    client.force_login(units.reporter)
    client.get(page(submission))

    with django_assert_num_queries(QUERIES):
        client.get(page(submission))
    with django_assert_num_queries(QUERIES_OF_A_WRITE):
        sent(client, submission, *((cell, "6", "5") for cell, _text in cells))
