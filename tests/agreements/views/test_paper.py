"""Recording a signature from paper on its page, and who gets the scan."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agreements import actions
from agreements.models import Signature, State
from agreements.services import agreements as services, content as contents, signing
from tests.factories import NOON
from tests.reports import papers
from tests.walks import bring_to, judge_all, office

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n" + b"0" * 300


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO, settings.DEMO_TODAY = True, NOON.date()


def address(place, action):
    return reverse("agreements:record-paper", args=[place.agreement.pk, action.code])


def record(client, place, action, **said):
    code = contents.hash_of(signing.content_to_sign(place.version, action))[:12]
    posted = {"code": code, "signed_on": "18 ก.พ. 2556", "scan": SimpleUploadedFile("ใบลงนาม.pdf", PDF)}
    client.force_login(place.hr)
    return client.post(address(place, action), posted | said)


def assessed(**fields):
    place = bring_to(office(**fields), State.REPORTED)
    judge_all(place)
    return place


def test_hr_records_and_the_agreement_says_so(client):
    place = bring_to(office(), State.PROPOSED)
    client.force_login(place.hr)
    offered = client.get(place.agreement.get_absolute_url()).content.decode()

    response = record(client, place, actions.AGREE)

    page = client.get(response["Location"]).content.decode()
    scan = reverse("agreements:signature-scan", args=[Signature.objects.get(method="paper").pk])
    assert address(place, actions.AGREE) in offered
    assert scan in page
    assert address(place, actions.AGREE) not in page
    # In the stepper it is the signatory's act, not that of who recorded it.
    assert [step.who for step in client.get(response["Location"]).context["steps"]][1] == place.assessor.full_name


def test_the_page_does_not_give_away_the_code_that_the_paper_must_bear(client):
    place = bring_to(office(), State.PROPOSED)
    client.force_login(place.hr)

    page = client.get(address(place, actions.AGREE)).content.decode()

    assert contents.hash_of(signing.content_to_sign(place.version, actions.AGREE))[:12].upper() not in page


@pytest.mark.parametrize(
    "wrong", [{"code": "000000000000"}, {"signed_on": "19 ก.พ. 2556"}, {"scan": SimpleUploadedFile("a.pdf", b"no")}]
)
def test_what_is_refused_keeps_the_page_and_says_why(client, wrong):
    place = bring_to(office(), State.PROPOSED)

    page = record(client, place, actions.AGREE, **wrong)

    assert (page.status_code, len(page.context["form"].non_field_errors())) == (200, 1)
    assert Signature.objects.filter(method="paper").count() == 0


def test_the_assessee_gets_a_scan_of_the_result_once_it_is_released(client):
    place = assessed(releases_on_assessment=False)
    record(client, place, actions.ASSESS)
    scan = reverse("agreements:signature-scan", args=[Signature.objects.get(method="paper").pk])

    def asked_by(reader):
        client.force_login(reader)
        response = client.get(scan)
        return response.status_code, b"".join(response) if response.streaming else b""

    assert asked_by(place.assessee)[0] == 404
    assert asked_by(place.assessor) == (200, PDF)
    services.act(place.version, actions.RELEASE, by=place.hr, at=NOON)
    assert asked_by(place.assessee) == (200, PDF)
    assert asked_by(office().assessee)[0] == 404


def test_control_without_the_question_the_assessee_would_see_the_scores_early(client, monkeypatch):
    place = assessed(releases_on_assessment=False)
    record(client, place, actions.ASSESS)
    monkeypatch.setattr(contents, "sees_assessment", lambda version, user: True)
    client.force_login(place.assessee)

    response = client.get(reverse("agreements:signature-scan", args=[Signature.objects.get(method="paper").pk]))

    assert b"".join(response) == PDF


def test_a_scan_comes_as_an_attachment_that_nothing_runs(client):
    place = bring_to(office(), State.PROPOSED)
    record(client, place, actions.AGREE)

    response = client.get(reverse("agreements:signature-scan", args=[Signature.objects.get(method="paper").pk]))

    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert (response["X-Content-Type-Options"], response["Content-Security-Policy"]) == (
        "nosniff", "sandbox; default-src 'none'",
    )  # fmt: skip
    assert b"".join(response) == PDF


# --- What is printed to be signed -------------------------------------------------------------------------------------
def printed(client, place, reader, query=""):
    client.force_login(reader)
    return papers.text_of(client.get(reverse("reports:forms-pdf", args=[place.agreement.pk]) + query).content)


def test_a_draft_bears_the_code_that_its_paper_is_recorded_with(client):
    place = bring_to(office(), State.PROPOSED)

    text = printed(client, place, place.hr, "?forms=2")

    assert contents.hash_of(signing.content_to_sign(place.version, actions.AGREE))[:12].upper() in text


def test_what_the_assessor_is_to_sign_is_printed_for_all_but_the_assessee(client):
    place = assessed(releases_on_assessment=False)
    code = contents.hash_of(signing.content_to_sign(place.version, actions.ASSESS))[:12].upper()

    assert code in printed(client, place, place.assessor, "?forms=2&to_sign=1")
    assert code in printed(client, place, place.hr, "?forms=2&to_sign=1")
    assert code not in printed(client, place, place.assessee, "?forms=2&to_sign=1")
    assert code not in printed(client, place, place.hr, "?forms=2")


def test_a_signature_on_paper_is_printed_as_such_with_its_day(client):
    place = bring_to(office(), State.PROPOSED)
    record(client, place, actions.AGREE)

    text = printed(client, place, place.hr, "?forms=2")

    assert text.count("ลงนามในเอกสาร") == 1
    assert text.count("ลงนามทางอิเล็กทรอนิกส์") == 1
    assert "18 ก.พ. 2556" in text
