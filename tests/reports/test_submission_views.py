"""Reports of units on the paper of their form, entered, certified and summed up by the services."""

import re
from datetime import date

import pytest
from django.urls import reverse

from agreements.models import Submission
from agreements.services import submission_judging as judging, submissions
from reports.submission_views import period_said, source_of
from tests.factories import ReportFormFactory, UserFactory
from tests.reporting import NOON, Tree
from tests.reports import papers

pytestmark = pytest.mark.django_db


def pdf_of(client, submission, query=""):
    return client.get(reverse("reports:submission-pdf", args=[submission.pk]) + query)


def test_certified_report_is_printed_with_its_figures_and_who_certified(client):
    tree = Tree()
    submission = tree.certified(tree.first)
    head = tree.heads["laplae"]
    client.force_login(head)

    response = pdf_of(client, submission)

    text = papers.text_of(response.content)
    assert response.headers["Content-Type"] == "application/pdf"
    assert "ประจำเดือน" in text
    assert re.search(r"รวม 10 2 8", text)
    assert "ร้อยละ 20.00 (2 × 100 / 10)" in text
    assert f"({head.full_name})" in text
    assert "รับรองทางอิเล็กทรอนิกส์" in text


def test_what_is_being_entered_is_printed_without_a_certification(client):
    tree = Tree()
    submission = tree.filled(tree.first)
    client.force_login(tree.reporter)

    text = papers.text_of(pdf_of(client, submission, "?digits=thai").content)

    assert re.search(r"รวม", text)
    assert "รับรองทางอิเล็กทรอนิกส์" not in text
    assert "(ลงชื่อ)" in text


def test_sums_are_printed_with_a_row_for_each_unit_below(client):
    tree = Tree()
    several = [tree.certified(tree.first), tree.certified(tree.second, figures=("9", "3", "6"))]
    judging.approve(several, by=tree.heads["uttaradit"], at=NOON)
    above = Submission.objects.get(organisation=tree.province)

    source = source_of(above)
    client.force_login(tree.heads["uttaradit"])
    text = papers.text_of(pdf_of(client, above).content)

    assert [head.title for head in source.rows["centres"]] == [tree.first.name, tree.second.name]
    assert re.search(r"รวม 19 5 14", text)
    assert "ร้อยละ 26.32 (5 × 100 / 19)" in text


def test_revision_that_counts_is_printed(client):
    tree = Tree()
    submission = tree.certified(tree.first)
    remark = judging.Remark(("centres", "1", "established"), "นับใหม่")
    judging.return_for_changes(submission, remarks=[remark], reason="", by=tree.heads["uttaradit"], at=NOON)
    submission.refresh_from_db()
    writes = [submissions.CellWrite("centres", "1", "established", "4")]
    submissions.write_cells(submission, writes, by=tree.reporter, at=NOON)

    source = source_of(Submission.objects.select_related("form__organisation", "organisation").get(pk=submission.pk))

    assert source.values["centres", "1", "established"] == "4"
    assert source.certificate is None


def test_stranger_finds_nothing(client):
    tree = Tree()
    submission = tree.filled(tree.first)
    client.force_login(UserFactory())

    assert pdf_of(client, submission).status_code == 404


@pytest.mark.parametrize(
    ("kind", "day", "said"),
    [
        ("month", date(2018, 1, 1), "ประจำเดือน มกราคม พ.ศ. 2561"),
        ("quarter", date(2017, 10, 1), "ประจำไตรมาสที่ 1 ปีงบประมาณ พ.ศ. 2561 (ต.ค. 2560 – ธ.ค. 2560)"),
        ("quarter", date(2018, 7, 1), "ประจำไตรมาสที่ 4 ปีงบประมาณ พ.ศ. 2561 (ก.ค. 2561 – ก.ย. 2561)"),
        ("round", date(2018, 4, 1), "รอบการประเมินที่ 2 ปีงบประมาณ พ.ศ. 2561 (เม.ย. 2561 – ก.ย. 2561)"),
        ("event", date(2018, 4, 9), "วันที่ 9 เมษายน 2561"),
    ],
)
def test_periods_are_said_as_forms_say_them(kind, day, said):
    form = ReportFormFactory.build(definition={"period": kind, "title": "x", "code": "x"}, organisation=None)

    assert period_said(form, day) == said
