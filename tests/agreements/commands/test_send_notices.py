import datetime
from datetime import date
from io import StringIO

import pytest
from django.core import mail as outbox
from django.core.management import CommandError, call_command

from agreements.models import Notice, State, User
from tests.post_office import post_office
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db


@pytest.fixture
def due_tomorrow(settings):
    """An office in a demo whose day is the one before the deadline."""
    settings.DEMO, settings.DEMO_TODAY = True, date(2013, 3, 27)
    settings.MAIL = True
    place = bring_to(office(report_by=datetime.date(2013, 3, 28)), State.AGREED)
    Notice.objects.all().delete()
    User.objects.filter(pk=place.assessee.pk).update(email="a@example.go.th")
    return place


def run():
    said = StringIO()
    call_command("send_notices", stdout=said)
    return said.getvalue().splitlines()


def test_it_writes_and_mails_by_the_demos_day_and_a_second_run_does_nothing(due_tomorrow):
    assert run() == ["บันทึกการแจ้งเตือน 1 รายการ", "ส่งอีเมลแล้ว 1 ฉบับ"]
    assert run() == ["บันทึกการแจ้งเตือน 0 รายการ", "ส่งอีเมลแล้ว 0 ฉบับ"]
    assert len(outbox.outbox) == 1


def test_without_a_mail_server_it_writes_and_says_so(due_tomorrow, settings):
    settings.MAIL = False

    assert run() == ["บันทึกการแจ้งเตือน 1 รายการ", "ไม่ได้กำหนดเซิร์ฟเวอร์อีเมลใน KPI_EMAIL_URL จึงไม่ได้ส่งอีเมล"]
    assert Notice.objects.get().mailed_at is None


def test_what_could_not_be_sent_fails_the_run(due_tomorrow, settings):
    User.objects.filter(email="a@example.go.th").update(email="nobody@example.go.th")

    with post_office(settings), pytest.raises(CommandError) as failure:
        run()

    assert str(failure.value) == "ส่งอีเมลไม่สำเร็จ 1 ฉบับ ระบบจะส่งใหม่ในครั้งถัดไป"
