from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements import clock
from agreements.models import Note, State
from agreements.services import notes
from tests.factories import NOON
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db


def written(place, text="ช่วยงานทันเวลา", **about):
    remark = notes.Remark(about_day=date(2013, 2, 15), text=text, **about)
    return notes.write(place.version, remark, by=place.assessor, at=NOON)


def page(place, name="notes", *more):
    return reverse(f"agreements:{name}", args=[place.agreement.pk, *more])


def test_the_assessor_writes_a_note_about_an_indicator_and_shares_it(client):
    place = bring_to(office(), State.AGREED)
    item = place.version.items.get()
    client.force_login(place.assessor)

    response = client.post(
        page(place), {"about_day": "๑๕ ก.พ. ๒๕๕๖", "about": f"item {item.lineage}", "text": "ส่งงานก่อนกำหนด"}
    )
    note = Note.objects.get()
    client.post(page(place, "share-note", note.pk))

    note.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, page(place))
    assert (note.about_day, note.about_item, note.text) == (date(2013, 2, 15), item.lineage, "ส่งงานก่อนกำหนด")
    assert note.shared_at is not None


def test_what_is_wrong_is_said_and_what_was_typed_stays(client):
    place = bring_to(office(), State.AGREED)
    client.force_login(place.assessor)

    response = client.post(page(place), {"about_day": "15/02/2013", "about": "", "text": "ส่งงานก่อนกำหนด"})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["about_day"]
    assert "ส่งงานก่อนกำหนด" in response.content.decode()
    assert not Note.objects.exists()


def test_the_assessee_reads_the_shared_note_and_answers(client):
    place = bring_to(office(), State.AGREED)
    shared, private = written(place, "ควรบันทึกงานให้ครบ"), written(place, "ยังไม่แน่ใจ")
    notes.share(shared, place.version, by=place.assessor, at=NOON)
    client.force_login(place.assessee)

    seen = client.get(page(place)).content.decode()
    client.post(page(place, "answer-note", shared.pk), {"answer": "จะบันทึกทุกวัน"})

    shared.refresh_from_db()
    assert (shared.text in seen, private.text in seen) == (True, False)
    assert shared.answer == "จะบันทึกทุกวัน"
    assert client.post(page(place, "answer-note", private.pk), {"answer": "ก"}).status_code == 404


def test_notes_stand_beside_what_they_are_about_when_it_is_scored(client):
    place = bring_to(office(), State.REPORTED)
    item = place.version.items.get()
    of_item = written(place, "หมายเหตุของตัวชี้วัด", about_item=item.lineage)
    of_competency = written(place, "หมายเหตุของสมรรถนะ", about_competency=1)
    at_large = written(place, "หมายเหตุทั่วไป")
    client.force_login(place.assessor)

    beside_item = client.get(page(place, "assess-item", item.lineage)).context["beside"]
    beside_competencies = client.get(page(place, "observed")).context["beside"]

    assert [row["note"] for row in beside_item] == [of_item]
    assert [row["note"] for row in beside_competencies] == [at_large, of_competency]


def test_the_reminder_stands_on_my_work_until_something_is_noted(client, monkeypatch):
    monkeypatch.setattr(clock, "today", NOON.date)
    place = bring_to(office(), State.AGREED)
    client.force_login(place.assessor)

    before = client.get(reverse("agreements:work")).context["unnoted"]
    notes.write(place.version, notes.Remark(about_day=NOON.date(), text="ก"), by=place.assessor, at=NOON)
    after = client.get(reverse("agreements:work")).context["unnoted"]

    assert ([one.agreement for one in before], after) == ([place.agreement], [])


def test_the_page_asks_as_much_for_three_notes_as_for_one(client):
    place = bring_to(office(), State.AGREED)
    client.force_login(place.assessor)
    written(place)

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get(page(place))
        return len(captured)

    asked()
    one = asked()
    written(place, about_competency=1)
    written(place, about_item=place.version.items.get().lineage)

    assert asked() == one
