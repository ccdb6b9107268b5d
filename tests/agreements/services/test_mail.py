import datetime
import re
from datetime import date, timedelta

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives

from agreements.models import MAIN_LINE, Agreement, Digest, Notice, State, User
from agreements.services import mail, notices
from agreements.thai import THAI_TIME
from tests.factories import PostingFactory
from tests.post_office import post_office
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db

DAY = date(2013, 3, 27)
MORNING = datetime.datetime(2013, 3, 27, 8, tzinfo=THAI_TIME)
# The machine's clock, which has nothing to do with the portal's day in the demo.
WALL = datetime.datetime(2026, 11, 20, 8, tzinfo=THAI_TIME)


@pytest.fixture(autouse=True)
def mail_on(settings):
    settings.MAIL = True
    settings.PUBLIC_URL = "https://kpi.example.go.th"
    settings.DEFAULT_FROM_EMAIL = "no-reply@kpi.example.go.th"


def addressed(place):
    for name in ("assessee", "assessor", "reviewer", "hr"):
        User.objects.filter(pk=getattr(place, name).pk).update(email=f"{name}@example.go.th")
    return place


def waiting_office(**fields):
    """Return an office whose assessee is to report tomorrow and has been told so."""
    place = addressed(bring_to(office(report_by=DAY + timedelta(days=1), **fields), State.AGREED))
    Notice.objects.all().delete()
    notices.write_due(at=MORNING)
    return place


def send(at=MORNING, wall=WALL):
    sent = mail.send_digests(at=at, clock=wall)
    return sent.sent, sent.failed


def recipients():
    return [message.to for message in outbox.outbox]


# --- Once a day ------------------------------------------------------------------------------------------------------
def test_who_has_news_gets_one_mail_and_a_second_run_sends_nothing():
    waiting_office()

    assert send() == (1, 0)
    assert send() == (0, 0)

    assert recipients() == [["assessee@example.go.th"]]
    assert Notice.objects.get().mailed_at == MORNING


def test_control_without_the_claims_a_second_run_sends_again():
    waiting_office()
    send()
    Digest.objects.all().delete()
    Notice.objects.update(mailed_at=None)

    assert send() == (1, 0)


def test_what_comes_later_in_the_day_waits_for_tomorrow():
    place = waiting_office()
    send()
    bring_to(place, State.REPORTED)
    Notice.objects.filter(act="assess").update(user=place.assessee, created_at=MORNING)

    assert send(MORNING + timedelta(hours=9)) == (0, 0)
    assert send(MORNING + timedelta(days=1), WALL + timedelta(days=1)) == (1, 0)


def test_a_run_killed_before_it_sent_is_made_up_for():
    place = waiting_office()
    notice = Notice.objects.get()
    # As a kill leaves it: claimed, and not marked as sent.
    Digest.objects.create(user=place.assessee, day=DAY, claimed_at=WALL, notices=[notice.pk])

    # While the claim is young, another run may still be at it.
    assert send(wall=WALL + timedelta(minutes=14)) == (0, 0)
    assert send(wall=WALL + timedelta(minutes=15)) == (1, 0)
    assert send(wall=WALL + timedelta(minutes=40)) == (0, 0)


def test_a_run_killed_while_sending_sends_the_last_mail_again_at_most(monkeypatch):
    place = waiting_office()
    other = addressed(colleague(place))
    bring_to(other, State.AGREED)
    User.objects.filter(pk=other.assessee.pk).update(email="colleague@example.go.th")
    Notice.objects.all().delete()
    notices.write_due(at=MORNING)
    send_one = EmailMultiAlternatives.send

    def killed_after(message, *args, **kwargs):
        send_one(message, *args, **kwargs)
        if message.to == ["colleague@example.go.th"]:
            raise KeyboardInterrupt

    monkeypatch.setattr(EmailMultiAlternatives, "send", killed_after)
    with pytest.raises(KeyboardInterrupt):
        send()
    monkeypatch.setattr(EmailMultiAlternatives, "send", send_one)
    send(wall=WALL + timedelta(hours=1))
    send(wall=WALL + timedelta(hours=2))

    assert sorted(recipients()) == [
        ["assessee@example.go.th"],
        ["colleague@example.go.th"],
        ["colleague@example.go.th"],
    ]


def test_old_news_is_not_mailed():
    waiting_office()

    assert send(MORNING + timedelta(days=7)) == (0, 0)
    assert outbox.outbox == []


# --- Who gets none ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}, {"wants_mail": False}])
def test_without_address_account_or_wish_nothing_is_mailed(change):
    place = waiting_office()
    User.objects.filter(pk=place.assessee.pk).update(**change)

    assert send() == (0, 0)


def test_what_was_returned_is_mailed_even_so():
    place = waiting_office()
    User.objects.filter(pk=place.assessee.pk).update(wants_mail=False)
    Notice.objects.update(kind="returned")

    assert send() == (1, 0)


def test_what_was_read_in_the_portal_is_not_mailed():
    waiting_office()
    Notice.objects.update(read_at=MORNING)

    assert send() == (0, 0)


def test_without_a_mail_server_nothing_is_sent(settings):
    settings.MAIL = False
    waiting_office()

    with pytest.raises(mail.MailOff):
        send()


# --- What it says ----------------------------------------------------------------------------------------------------
def test_the_mail_in_full():
    waiting_office()
    send()

    message = outbox.outbox[0]
    notice = Notice.objects.get()
    assert message.subject == "ระบบข้อตกลงและประเมินผล KPI: งานที่รอท่านดำเนินการ"
    assert [line for line in message.body.splitlines() if line.strip()] == [
        "งานที่รอท่านดำเนินการในระบบข้อตกลงและประเมินผล KPI",
        "- โปรดรายงานผลการดำเนินงานของท่านภายในวันที่ 28 มีนาคม 2556",
        f"  https://kpi.example.go.th/notices/{notice.pk}/open/",
        "ดูงานทั้งหมดได้ที่หน้าของท่าน:",
        "https://kpi.example.go.th/",
        "ระบบส่งอีเมลไม่เกินวันละหนึ่งฉบับ หากต้องการเปลี่ยนการตั้งค่า:",
        "https://kpi.example.go.th/notices/mail/",
    ]
    assert message.extra_headers == {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Id": "<notices.kpi.example.go.th>",
        "Message-ID": f"<digest.{notice.user_id}.20130327@kpi.example.go.th>",
    }


def test_several_that_say_the_same_are_one_line():
    place = waiting_office()
    bring_to(colleague(place), State.AGREED)
    Notice.objects.all().delete()
    notices.write_due(at=MORNING + timedelta(days=2))
    send(MORNING + timedelta(days=2))

    body = next(message.body for message in outbox.outbox if message.to == ["assessor@example.go.th"])
    assert "ยังไม่ได้รายงาน ครบกำหนดเมื่อวันที่ 28 มีนาคม 2556 รวม 2 ฉบับ\n  https://kpi.example.go.th/notices/\n" in body


def every_mail():
    """Return the whole text of every mail that the two offices' people would get at any time of a round."""
    place = addressed(office(propose_by=DAY, report_by=DAY, assess_by=DAY, releases_on_assessment=False))
    PostingFactory(organisation=place.unit, assessor=place.posting.assessor)
    User.objects.filter(pk=place.assessee.pk).update(first_name="ลับเฉพาะ", last_name="ห้ามเผย")
    Agreement.objects.get(pk=place.agreement.pk)
    for number, state in enumerate(MAIN_LINE):
        bring_to(place, state, value="87")
        for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)):
            notices.write_due(at=datetime.datetime.combine(day, datetime.time(8), tzinfo=THAI_TIME))
        chosen = list(Agreement.objects.filter(pk=place.agreement.pk).for_list())
        if chosen[0].waits_for:
            notices.remind(place.round, chosen, words="คะแนน 4.7777", by=place.hr, at=MORNING + timedelta(days=number))
    texts = []
    for user in User.objects.exclude(email=""):
        found = list(Notice.objects.filter(user=user).order_by("pk"))
        for message in [mail.message_for(user, [one], day=DAY) for one in found] + [
            mail.message_for(user, found, day=DAY)
        ]:
            texts += [message.subject, message.body, message.alternatives[0].content]
    return place, texts


def test_no_mail_holds_a_score_a_name_a_title_or_hrs_own_words():
    place, texts = every_mail()
    whole = "\n".join(texts)
    # The only figures left are days, counts, and the keys in addresses.
    plain = re.sub(r"https://\S+|<[^>]*>|\d{1,2} (มีนาคม|กุมภาพันธ์) 2556|รวม \d+ ฉบับ|charset=\S+", "", whole)

    assert len(texts) > 60
    assert re.findall(r"[0-9๐-๙]+(?:\.[0-9๐-๙]+)?", plain) == []
    hidden = ["ลับเฉพาะ", "ห้ามเผย", place.assessor.first_name, place.reviewer.first_name, "คะแนน", "4.7777"]
    hidden += [place.unit.name, place.province.name, place.indicators[0].title, "ร้อยละ"]
    assert [word for word in hidden if word in whole] == []


def test_control_where_a_sentence_names_somebody_it_is_found(monkeypatch):
    monkeypatch.setattr(mail.notice_words, "sentence", lambda notice, today: notice.user.first_name)

    _place, texts = every_mail()

    assert "ลับเฉพาะ" in "\n".join(texts)


# --- A real server ---------------------------------------------------------------------------------------------------
def test_a_real_server_is_given_it_whole(settings):
    waiting_office()

    with post_office(settings) as letters:
        assert send() == (1, 0)

    (letter,) = letters
    assert (letter["To"], letter["From"]) == ("assessee@example.go.th", "no-reply@kpi.example.go.th")
    assert letter["Subject"].strip() == "ระบบข้อตกลงและประเมินผล KPI: งานที่รอท่านดำเนินการ"
    assert letter["List-Id"] == "<notices.kpi.example.go.th>"
    assert letter["Auto-Submitted"] == "auto-generated"
    kinds = [part.get_content_type() for part in letter.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert "ภายในวันที่ 28 มีนาคม 2556" in letter.get_body(("plain",)).get_content()


def test_an_address_the_server_refuses_keeps_nobody_else_from_their_mail(settings):
    place = waiting_office()
    User.objects.filter(pk=place.assessee.pk).update(email="nobody@example.go.th")
    Notice.objects.create(
        user=place.reviewer, kind="turn", act="review", round=place.round, link="/", key="b", created_at=MORNING
    )
    assert place.assessee.pk > place.reviewer.pk
    Notice.objects.create(
        user=PostingFactory(user__email="last@example.go.th").user,
        kind="turn", act="review", round=place.round, link="/", key="c", created_at=MORNING,
    )  # fmt: skip

    with post_office(settings) as letters:
        assert send() == (2, 1)
        assert send() == (0, 1)

    assert [letter["To"] for letter in letters] == ["reviewer@example.go.th", "last@example.go.th"]


def test_no_server_is_a_failure_for_each_and_the_next_run_tries_again(settings):
    waiting_office()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    assert send() == (0, 1)

    with post_office(settings) as letters:
        assert send() == (1, 0)
    assert len(letters) == 1


def test_an_address_with_a_header_in_it_sends_nothing(settings):
    place = waiting_office()
    User.objects.filter(pk=place.assessee.pk).update(email="a@example.go.th\nBcc: all@example.go.th")

    with post_office(settings) as letters:
        assert send() == (0, 1)

    assert letters == []
