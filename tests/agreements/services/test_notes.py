from datetime import date, timedelta

import pytest

from agreements import actions
from agreements.models import Agreement, Capacity, Event, Note, Party, Role, State
from agreements.models.notes import NoteQuerySet
from agreements.services import acting, notes
from agreements.services.notes import NoteRefused, Remark
from tests.factories import NOON, PostingFactory, RoleFactory
from tests.guards import lifted
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db

DAY = date(2013, 2, 15)


def remark(text="ช่วยงานทันเวลา", **about):
    return Remark(about_day=DAY, text=text, **about)


def written(place, **about):
    return notes.write(place.version, remark(**about), by=place.assessor, at=NOON)


def readers(place):
    """Return everybody who might want to read notes, by name."""
    return {
        "assessee": place.assessee,
        "assessor": place.assessor,
        "reviewer": place.reviewer,
        "hr": place.hr,
        "auditor": RoleFactory(organisation=place.province, kind=Role.Kind.AUDITOR).user,
        "colleague": PostingFactory(organisation=place.unit).user,
    }


def who_reads(place):
    return {who for who, user in readers(place).items() if Note.objects.visible_to(user).exists()}


def test_a_note_is_private_until_it_is_shared():
    place = bring_to(office(), State.AGREED)
    note = written(place)

    assert who_reads(place) == {"assessor"}
    notes.share(note, place.version, by=place.assessor, at=NOON)
    assert who_reads(place) == {"assessee", "assessor", "reviewer"}


def test_control_without_the_queryset_everybody_reads_private_notes(monkeypatch):
    place = bring_to(office(), State.AGREED)
    written(place)

    monkeypatch.setattr(NoteQuerySet, "visible_to", lambda self, user: self)

    assert len(who_reads(place)) == 6


def test_a_successor_reads_the_shared_notes_only():
    place = bring_to(office(), State.AGREED)
    shared, private = written(place), written(place, text="ต้องติดตาม")
    notes.share(shared, place.version, by=place.assessor, at=NOON)
    successor = PostingFactory(organisation=place.unit)
    with lifted():
        Party.objects.filter(version=place.version, capacity=Capacity.ASSESSOR).update(
            user=successor.user, posting=successor
        )

    assert notes.notes_for(place.version, successor.user) == [shared]
    with pytest.raises(actions.NotAllowed):
        notes.rewrite(private, place.version, remark("อื่น"), by=successor.user, at=NOON)
    with pytest.raises(actions.NotAllowed):
        notes.share(private, place.version, by=successor.user, at=NOON)


def test_sharing_is_final_and_in_the_log():
    place = bring_to(office(), State.AGREED)
    note = written(place)
    notes.share(note, place.version, by=place.assessor, at=NOON)

    for act in (
        lambda: notes.rewrite(note, place.version, remark("อื่น"), by=place.assessor, at=NOON),
        lambda: notes.remove(note, place.version, by=place.assessor),
        lambda: notes.share(note, place.version, by=place.assessor, at=NOON),
    ):
        with pytest.raises(NoteRefused):
            act()
    event = Event.objects.get(verb="note.shared")
    assert (event.actor, event.agreement) == (place.assessor, place.agreement)
    # The words stay between the parties; the log knows them by their hash.
    assert "text" in event.text.details
    assert note.text not in str(event.text.details)


def test_a_private_note_is_changed_and_taken_away_without_a_trace():
    place = bring_to(office(), State.AGREED)
    note = written(place)
    before = Event.objects.count()

    notes.rewrite(note, place.version, remark("แก้ไขแล้ว"), by=place.assessor, at=NOON)
    note.refresh_from_db()
    assert note.text == "แก้ไขแล้ว"
    notes.remove(note, place.version, by=place.assessor)

    assert not Note.objects.exists()
    assert Event.objects.count() == before


def test_once_the_result_is_signed_notes_stay_as_they_are():
    place = bring_to(office(releases_on_assessment=False), State.REPORTED)
    note = written(place)
    bring_to(place, State.ASSESSED)

    for act in (
        lambda: written(place),
        lambda: notes.rewrite(note, place.version, remark("อื่น"), by=place.assessor, at=NOON),
        lambda: notes.remove(note, place.version, by=place.assessor),
        lambda: notes.share(note, place.version, by=place.assessor, at=NOON),
    ):
        with pytest.raises(actions.NotNow):
            act()


@pytest.mark.parametrize("who", ["assessee", "reviewer", "hr"])
def test_only_the_assessor_writes(who):
    place = bring_to(office(), State.AGREED)

    with pytest.raises(actions.NotAllowed):
        notes.write(place.version, remark(), by=getattr(place, who), at=NOON)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "  "},
        {"about_day": NOON.date() + timedelta(days=1)},
        {"about_day": date(2012, 9, 30)},
        {"about_competency": 99},
    ],
)
def test_a_note_that_cannot_be_is_refused(wrong):
    place = bring_to(office(), State.AGREED)

    with pytest.raises(NoteRefused):
        notes.write(place.version, Remark(**({"about_day": DAY, "text": "ก"} | wrong)), by=place.assessor, at=NOON)


def test_the_assessee_answers_what_is_shared_and_nobody_else_does():
    place = bring_to(office(), State.AGREED)
    note = written(place)
    with pytest.raises(actions.NotAllowed):
        notes.answer(note, place.version, "รับทราบ", by=place.assessee, at=NOON)
    notes.share(note, place.version, by=place.assessor, at=NOON)
    with pytest.raises(actions.NotAllowed):
        notes.answer(note, place.version, "รับทราบ", by=place.assessor, at=NOON)

    notes.answer(note, place.version, " รับทราบ ", by=place.assessee, at=NOON)

    note.refresh_from_db()
    assert (note.answer, note.answered_at) == ("รับทราบ", NOON)


def test_who_is_acting_for_the_assessor_notes_for_them_and_reads_theirs():
    place = bring_to(office(), State.AGREED)
    theirs = written(place)
    held = PostingFactory(
        organisation=place.unit,
        is_acting=True,
        stands_for=place.posting.assessor,
        starts_on=date(2013, 2, 1),
        ends_on=date(2013, 2, 28),
    )
    deputy = acting.stand_in(held.user, day=NOON.date())

    note = notes.write(place.version, remark("ระหว่างรักษาราชการแทน"), by=deputy, at=NOON)

    assert (note.owner, note.author) == (place.assessor, held.user)
    assert set(notes.notes_for(place.version, deputy)) == {theirs, note}
    # A day after the last one there is nothing left to see.
    later = acting.stand_in(type(held.user).objects.get(pk=held.user_id), day=date(2013, 3, 1))
    assert not Note.objects.visible_to(later).exists()


@pytest.mark.parametrize("of_an_organisation", [False, True])
def test_who_is_acting_for_their_own_assessor_reads_no_note_about_themselves(of_an_organisation):
    place = bring_to(office(), State.AGREED)
    written(place)
    if of_an_organisation:
        with lifted():
            Agreement.objects.update(person=None)
    PostingFactory(user=place.assessee, organisation=place.unit, is_acting=True, stands_for=place.posting.assessor)

    deputy = acting.stand_in(place.assessee, day=NOON.date())

    assert Agreement.objects.visible_to(deputy).count() == 1
    assert not Note.objects.visible_to(deputy).exists()


def test_after_two_weeks_without_a_note_the_assessor_is_reminded():
    place = bring_to(office(), State.AGREED)
    assert [(one.agreement, one.last) for one in notes.overdue_for(place.assessor, day=NOON.date())] == [
        (place.agreement, None)
    ]

    written(place)

    assert notes.overdue_for(place.assessor, day=DAY + timedelta(days=14)) == []
    (late,) = notes.overdue_for(place.assessor, day=DAY + timedelta(days=15))
    assert late.last == DAY
    # Nobody else is reminded, and nobody of the first two weeks.
    assert notes.overdue_for(place.assessee, day=DAY + timedelta(days=15)) == []
    assert notes.overdue_for(place.assessor, day=date(2012, 10, 14)) == []
