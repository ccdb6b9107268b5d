"""Signatures on paper, recorded by HR over the very content that the paper bears the code of."""

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from agreements import actions
from agreements.models import Event, Role, Signature, State, StoredFile
from agreements.services import content as contents, paper, signing
from tests.factories import NOON, RoleFactory
from tests.walks import bring_to, office, ready_to_sign

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n%\xe2\xe3\n" + b"0" * 300
DAY = date(2013, 2, 18)


def code_of(place, action):
    return contents.hash_of(signing.content_to_sign(place.version, action))[:12]


def on_paper(place, action, **said):
    fields = {
        "code": code_of(place, action),
        "signed_on": DAY,
        "scan": SimpleUploadedFile("ลงนามแล้ว.pdf", PDF),
        "decision": "agrees" if action in (actions.REVIEW, actions.REVIEW_2) else "signed",
        "comment": "เห็นควรดำเนินการ" if action == actions.COMMENT_RESULT else "",
    }
    return paper.OnPaper(**fields | said)


def record(place, action, *, by=None, at=NOON, **said):
    return paper.record_paper_signature(
        place.version, action, on_paper(place, action, **said), by=by or place.hr, at=at
    )


@pytest.mark.parametrize("action", actions.SIGNATURES, ids=lambda action: action.code)
def test_paper_counts_as_the_partys_signature(action):
    place, signatory = ready_to_sign(action)

    signature = record(place, action)

    assert (signature.signatory, signature.capacity, signature.stage) == (signatory, action.capacity, action.stage)
    assert (signature.method, signature.signed_on, signature.recorded_by) == ("paper", DAY, place.hr)
    assert (signature.scan_name, signature.scan.file.read()) == ("ลงนามแล้ว.pdf", PDF)
    signature.scan.file.close()
    place.agreement.refresh_from_db()
    # Where the round releases on assessment, it went on by itself.
    assert place.agreement.state in {action.target, State.RELEASED}


def test_the_log_says_who_recorded_whose_signature():
    place, signatory = ready_to_sign(actions.AGREE)

    signature = record(place, actions.AGREE)

    event = Event.objects.get(verb="agree")
    said = event.text.details
    assert event.actor == place.hr
    assert (said["method"], said["signatory"], said["signed_by"], said["signed_on"], said["scan"]) == (
        "paper", signatory.username, signatory.full_name, "2013-02-18", signature.scan.sha256,
    )  # fmt: skip


def test_paper_and_portal_stand_side_by_side_in_one_agreement():
    place = bring_to(office(), State.PROPOSED)
    record(place, actions.AGREE)

    bring_to(place, State.CLOSED)

    methods = Signature.objects.order_by("pk").values_list("method", flat=True)
    assert list(methods) == ["portal", "paper", "portal", "portal", "portal"]
    assert Signature.objects.filter(stage="agree").values("content_hash").distinct().count() == 1


def test_paper_of_another_content_is_refused_in_words():
    place, _signatory = ready_to_sign(actions.PROPOSE)
    old = code_of(place, actions.PROPOSE)
    place.version.items.update(goal="เปลี่ยนหลังพิมพ์")

    with pytest.raises(paper.PaperRefused) as refusal:
        record(place, actions.PROPOSE, code=old)
    # The control: with the code of what stands there now, the same paper is taken.
    record(place, actions.PROPOSE)

    assert old.upper() in str(refusal.value)
    assert Signature.objects.count() == 1


def test_control_without_the_code_paper_of_another_content_is_taken(monkeypatch):
    place, _signatory = ready_to_sign(actions.PROPOSE)
    monkeypatch.setattr(paper, "_demand_code", lambda typed, shown: None)

    record(place, actions.PROPOSE, code="000000000000")

    assert Signature.objects.count() == 1


@pytest.mark.parametrize("code", ["", "123", "ไม่มี", "0" * 13])
def test_what_is_no_code_is_refused(code):
    place, _signatory = ready_to_sign(actions.PROPOSE)

    with pytest.raises(paper.PaperRefused):
        record(place, actions.PROPOSE, code=code)


@pytest.mark.parametrize("day", [DAY + timedelta(days=1), DAY - timedelta(days=1)])
def test_a_day_that_cannot_be_is_refused(day):
    place, _signatory = ready_to_sign(actions.PROPOSE)

    with pytest.raises(paper.PaperRefused):
        record(place, actions.PROPOSE, signed_on=day)


def test_days_are_days_in_thailand():
    place, _signatory = ready_to_sign(actions.PROPOSE)
    # Half past six in the evening in London is half past one of the next day here.
    late = datetime.fromisoformat("2013-02-18T18:30:00+00:00")

    assert record(place, actions.PROPOSE, signed_on=DAY + timedelta(days=1), at=late).signed_on == date(2013, 2, 19)


@pytest.mark.parametrize("content", [b"", b"text", b"<html>", b"PK\x03\x04" + b"0" * 50, b"GIF89a" + b"0" * 50])
def test_a_scan_that_is_no_pdf_and_no_picture_is_refused_and_not_kept(content):
    place, _signatory = ready_to_sign(actions.PROPOSE)

    with pytest.raises(paper.PaperRefused):
        record(place, actions.PROPOSE, scan=SimpleUploadedFile("a.pdf", content))

    assert (StoredFile.objects.count(), Signature.objects.count()) == (0, 0)


def test_a_scan_that_is_too_large_is_refused(settings):
    settings.EVIDENCE_MAX_BYTES = 100
    place, _signatory = ready_to_sign(actions.PROPOSE)

    with pytest.raises(paper.PaperRefused):
        record(place, actions.PROPOSE)


def test_the_same_scan_is_stored_once():
    first = ready_to_sign(actions.PROPOSE)[0]
    second = ready_to_sign(actions.PROPOSE)[0]

    record(first, actions.PROPOSE)
    record(second, actions.PROPOSE)

    assert StoredFile.objects.count() == 1


# --- Who may ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["assessee", "assessor", "reviewer"])
def test_only_hr_records(who):
    place, _signatory = ready_to_sign(actions.AGREE)

    with pytest.raises(actions.NotAllowed):
        record(place, actions.AGREE, by=getattr(place, who))

    assert Signature.objects.filter(method="paper").count() == 0


def test_hr_of_another_office_does_not():
    place, _signatory = ready_to_sign(actions.AGREE)

    with pytest.raises(actions.NotAllowed):
        record(place, actions.AGREE, by=RoleFactory().user)


@pytest.mark.parametrize(("who", "action"), [("assessor", actions.AGREE), ("assessee", actions.PROPOSE)])
def test_nobody_records_a_signature_of_their_own(who, action):
    place, signatory = ready_to_sign(action)
    RoleFactory(user=signatory, organisation=place.province, kind=Role.Kind.HR)

    with pytest.raises(actions.NotAllowed):
        record(place, action, by=signatory)

    assert paper.recordable(place.version, by=signatory) == []


def test_hr_records_nothing_in_its_own_agreement():
    place, _signatory = ready_to_sign(actions.AGREE)
    RoleFactory(user=place.assessee, organisation=place.province, kind=Role.Kind.HR)

    with pytest.raises(actions.NotAllowed):
        record(place, actions.AGREE, by=place.assessee)


def test_the_database_itself_knows_no_paper_recorded_by_its_signatory():
    place, _signatory = ready_to_sign(actions.AGREE)
    signature = record(place, actions.AGREE)
    fields = {field.attname: getattr(signature, field.attname) for field in Signature._meta.concrete_fields}
    fields |= {"id": None, "capacity": "witness", "signatory_id": place.reviewer.pk}

    for wrong in (
        {"recorded_by_id": place.reviewer.pk}, {"scan_id": None}, {"signed_on": None}, {"method": "portal"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Signature.objects.create(**fields | wrong)
    # The control: as it was recorded, it is taken.
    assert Signature.objects.create(**fields).method == "paper"


def test_what_is_not_awaited_is_not_recorded():
    place = bring_to(office(), State.AGREED)

    with pytest.raises(actions.NotNow):
        record(place, actions.AGREE)
    assert paper.recordable(place.version, by=place.hr) == []


def test_what_stands_in_the_way_of_a_signature_stands_in_the_way_of_paper():
    place = bring_to(office(), State.REPORTED)

    with pytest.raises(signing.SignOffRefused):
        record(place, actions.ASSESS)


def test_a_superior_who_differs_on_paper_says_so_in_words():
    place, _signatory = ready_to_sign(actions.REVIEW)

    with pytest.raises(signing.SignOffRefused):
        record(place, actions.REVIEW, decision="differs")
    assert record(place, actions.REVIEW, decision="differs", comment="สูงไป").comment == "สูงไป"
