import io
import re
import subprocess
from datetime import date

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from agreements.models import Role
from agreements.services import remedies
from agreements.thai import to_thai_digits
from tests.agreements.services.test_monitoring import NOON, Followed, plan
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_february(settings):
    settings.DEMO, settings.DEMO_TODAY = True, date(2013, 2, 18)


@pytest.fixture
def place(client):
    found = Followed()
    found.approved()
    found.type({"2012-12": "1.6", "2013-01": "2.3"})
    owner = found.head.postings.get()
    remedies.write_remedy(found.paper, found.tree.province, date(2013, 1, 1), plan(owner), by=found.head, at=NOON)
    client.force_login(found.head)
    return found


def go(name, place, **query):
    return reverse(f"reports:{name}", args=[place.framework.pk], query={"month": "2013-01"} | query)


def test_the_memo_says_what_the_page_shows_in_thai_digits(client, place):
    answer = client.get(go("memo-pdf", place))

    assert answer["Content-Type"] == "application/pdf"
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True)
    text = re.sub(r"\s+", " ", done.stdout.decode())
    assert "ประจำเดือนมกราคม พ.ศ. ๒๕๕๖" in text
    assert "๒๖.๓๑๕๘" in text
    assert "๓.๓๓๓๓" in text
    assert "แดง – ต่ำกว่าเป้าหมาย" in text
    assert "ใช้หนังสือเวียน" in text


def test_the_workbook_has_the_figures_as_numbers_and_the_actions(client, place):
    answer = client.get(go("memo-workbook", place))

    assert "attachment" in answer["Content-Disposition"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = [row for row in book.get_sheet_by_index(0).to_python() if row[0] in ("4.1", "4.2")]
    assert [(row[0], row[4]) for row in rows] == [("4.1", pytest.approx(500 / 19)), ("4.2", 2.3)]
    assert [row[3] for row in rows] == ["100 (ภายใน ก.ย. 2556)", pytest.approx(10 / 3)]
    actions = book.get_sheet_by_index(1).to_python()
    assert [row[2:4] for row in actions if row[0] == "4.2"] == [["พิมพ์แจกทุกครั้ง", "ใช้หนังสือเวียน"]]


def test_it_goes_to_the_head_from_whoever_makes_it(client, place):
    deputy = PostingFactory(organisation=place.tree.province, assessor=place.head.postings.get())
    RoleFactory(user=deputy.user, organisation=place.tree.province, kind=Role.Kind.EXECUTIVE)
    client.force_login(deputy.user)

    answer = client.get(go("memo-pdf", place))

    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True)
    assert to_thai_digits(deputy.user.full_name) in done.stdout.decode()


def test_another_office_has_no_memo_here(client, place):
    other = OrganisationFactory(parent=place.tree.department, kind="province")
    for name in ("memo-pdf", "memo-workbook"):
        assert client.get(go(name, place, unit=other.pk)).status_code == 404
    client.force_login(RoleFactory(organisation=place.tree.province).user)
    assert client.get(go("memo-pdf", place)).status_code == 404
