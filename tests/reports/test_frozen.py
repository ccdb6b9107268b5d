"""Finished forms are drawn once: from then on it is the same file, until something else stands on them."""

import io
import zipfile
from pathlib import Path

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from agreements import clock
from agreements.models import Event, FrozenForm, Job, State
from agreements.services import jobs, log_check
from agreements.services.seals import read_seal
from reports import frozen
from tests import splits, walks
from tests.reports import papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return walks.bring_to(walks.office(), State.CLOSED)


@pytest.fixture
def drawn(monkeypatch):
    """A list that grows with every form that is drawn."""
    found, render = [], frozen.pdf.render
    monkeypatch.setattr(frozen.pdf, "render", lambda html, **more: found.append(html) or render(html, **more))
    return found


def printed(client, place, query="?forms=3", who=None):
    client.force_login(who or place.hr)
    answer = client.get(reverse("reports:forms-pdf", args=[place.agreement.pk]) + query)
    assert answer.status_code == 200
    return answer.content


def path_of(kept):
    return Path(default_storage.path(kept.path))


# --- The same file ---------------------------------------------------------------------------------------------------
def test_a_finished_form_is_drawn_once_and_the_stored_file_is_served(place, client, drawn):
    first = printed(client, place)
    again = [printed(client, place, who=who) for who in (place.assessee, place.assessor, place.hr)]

    kept = FrozenForm.objects.get()
    assert (len(drawn), again) == (1, [first] * 3)
    assert path_of(kept).read_bytes() == first
    assert (kept.agreement, kept.size) == (place.agreement, len(first))
    assert read_seal(first).is_intact
    assert path_of(kept).relative_to(default_storage.location).parts[0] == "forms"


def test_it_is_the_stored_file_that_is_served_and_not_another_drawing(place, client, monkeypatch):
    first = printed(client, place)
    # Whatever becomes of the program: here it cannot draw at all any more.
    monkeypatch.setattr(frozen.pdf, "render", lambda html, **more: 1 / 0)

    assert printed(client, place) == first
    # The control: of another layout it would have to be drawn.
    monkeypatch.setattr(frozen, "LAYOUT", frozen.LAYOUT + 1)
    with pytest.raises(ZeroDivisionError):
        printed(client, place)


@pytest.mark.parametrize("query", ["?forms=1,3", "?forms=3&digits=thai", "?forms=3&pdf_a=1"])
def test_another_choice_is_another_file(place, client, query):
    assert printed(client, place, query) != printed(client, place)
    assert FrozenForm.objects.count() == 2


def test_the_order_in_which_forms_are_named_makes_no_other_file(place, client):
    assert printed(client, place, "?forms=3,1") == printed(client, place, "?forms=1&forms=3")
    assert FrozenForm.objects.count() == 1


def test_a_print_job_takes_the_same_file(place, client, drawn):
    first = printed(client, place)
    data = {"begin": "1", "all": "1", "board": "", "chosen": ["3"], "bound": "zip", "digits": "arabic"}
    client.post(reverse("reports:print-forms", args=[place.round.pk]), data)
    job = Job.objects.get()

    jobs.run(job.pk, clock=timezone.now, at=clock.now())

    job.refresh_from_db()
    with zipfile.ZipFile(default_storage.path(job.file.path)) as packed:
        assert [packed.read(name) for name in packed.namelist()] == [first]
    assert (len(drawn), FrozenForm.objects.count()) == (1, 1)


# --- What is not finished --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", [State.DRAFT, State.PROPOSED, State.REPORTED])
def test_what_still_changes_is_not_kept(client, state):
    printed(client, walks.bring_to(walks.office(), state))

    assert not FrozenForm.objects.exists()


@pytest.mark.parametrize("state", [State.AGREED, State.ASSESSED, State.ACKNOWLEDGED])
def test_a_signature_more_is_another_file(client, state, drawn):
    place = walks.bring_to(walks.office(), state)
    before = [printed(client, place) for _ in range(2)]
    assert (before[0] == before[1], len(drawn), FrozenForm.objects.count()) == (True, 1, 1)

    walks.bring_to(place, State.CLOSED)

    assert printed(client, place) != before[0]
    assert FrozenForm.objects.count() == 2


def test_the_assessment_is_kept_from_the_assessee_until_it_is_released(client):
    place = walks.bring_to(walks.office(releases_on_assessment=False), State.ASSESSED)
    theirs = printed(client, place, "?forms=2", who=place.assessor)

    own = printed(client, place, "?forms=2", who=place.assessee)

    assert "ผู้ประเมินยังไม่ได้ลงนาม" in papers.text_of(own)
    assert "ผู้ประเมินยังไม่ได้ลงนาม" not in papers.text_of(theirs)
    assert FrozenForm.objects.count() == 1


def test_a_reviewer_who_is_replaced_before_signing_stands_on_a_new_drawing(client):
    place = walks.bring_to(walks.office(), State.ACKNOWLEDGED)
    printed(client, place, "?forms=1")
    place.version.parties.filter(capacity="reviewer").update(name="นายคนใหม่ มาแทน")

    assert "นายคนใหม่" in papers.text_of(printed(client, place, "?forms=1"))
    # Nobody signed a content with that name yet.
    assert FrozenForm.objects.count() == 1


@pytest.mark.parametrize("query", ["?forms=3&to_sign=1"])
def test_what_is_printed_to_be_signed_on_paper_is_not_kept(client, query):
    printed(client, walks.bring_to(walks.office(), State.REPORTED), query)

    assert not FrozenForm.objects.exists()


# --- Tampering -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("harm", ["flipped", "cut", "gone"])
def test_a_stored_file_that_was_changed_is_noticed_told_and_mended(place, client, harm, caplog):
    first = printed(client, place)
    path = path_of(FrozenForm.objects.get())
    harmed = {"flipped": first.replace(b"%PDF-1.7", b"%PDF-1.6"), "cut": first[:1000], "gone": None}[harm]
    path.unlink() if harmed is None else path.write_bytes(harmed)

    assert printed(client, place) == first

    assert "is not what was stored" in caplog.text
    event = Event.objects.get(verb="forms.damaged")
    assert (event.agreement, event.actor, event.text.details["drawn_alike"]) == (place.agreement, None, True)
    assert path.read_bytes() == first
    assert log_check.check([place.province]).findings == ()


def test_control_without_the_hash_the_changed_file_would_be_served(place, client, monkeypatch):
    first = printed(client, place)
    path_of(FrozenForm.objects.get()).write_bytes(b"%PDF-1.7 another score")
    monkeypatch.setattr(frozen, "_stored", lambda found: path_of(found).read_bytes())

    assert printed(client, place) != first


def test_a_changed_file_that_cannot_be_drawn_alike_is_not_served_and_left_as_it_is(place, client, monkeypatch):
    printed(client, place)
    path = path_of(FrozenForm.objects.get())
    path.write_bytes(b"%PDF-1.7 another score")
    monkeypatch.setattr(frozen.documents, "title", lambda sets: "ชื่ออื่น")

    assert papers.pages_of(printed(client, place))

    assert path.read_bytes() == b"%PDF-1.7 another score"
    assert not Event.objects.get(verb="forms.damaged").text.details["drawn_alike"]


def test_the_nightly_check_finds_what_was_changed_or_lost(place, client, capsys):
    printed(client, place)
    printed(client, place, "?forms=3&digits=thai")
    call_command("check_evidence")
    changed, lost = FrozenForm.objects.order_by("pk")
    path_of(changed).write_bytes(b"%PDF-1.7 another score")
    path_of(lost).unlink()
    capsys.readouterr()

    with pytest.raises(SystemExit):
        call_command("check_evidence")

    told = capsys.readouterr().out
    assert f"CHANGED  {changed.path}: a printed form of agreement {place.agreement.pk}." in told
    assert f"MISSING  {lost.path}: a printed form of agreement {place.agreement.pk}." in told


def test_the_row_of_a_frozen_form_does_not_change(place, client):
    printed(client, place)

    with pytest.raises(IntegrityError, match="does not change"):
        FrozenForm.objects.update(sha256="0" * 64)


# --- PDF/A -----------------------------------------------------------------------------------------------------------
def test_the_switch_of_the_portal_prints_pdf_a(place, client, settings):
    settings.PDF_A = True

    body = printed(client, place, "?forms=2,3")

    with pikepdf.open(io.BytesIO(body)) as paper:
        assert paper.open_metadata().pdfa_status == "3U"
        assert str(paper.Root.OutputIntents[0].S) == "/GTS_PDFA1"
    assert {row[1:] for row in papers.fonts_of(body)} == {("yes", "yes", "yes")}
    assert read_seal(body) is None
    assert read_seal(printed(client, place, "?forms=2,3&pdf_a=0")).is_intact


# --- Split -----------------------------------------------------------------------------------------------------------
def test_an_agreement_that_was_split_is_kept_once_the_whole_is_signed(client, drawn):
    place = splits.was_split()
    for number in (1, 2):
        splits.bring_part(place, number, State.ASSESSED)
    printed(client, place, "?forms=1,2")
    assert not FrozenForm.objects.exists()

    splits.bring_whole(place, State.CLOSED)
    first = printed(client, place, "?forms=1,2")
    count = len(drawn)

    assert (printed(client, place, "?forms=1,2"), len(drawn)) == (first, count)
    assert FrozenForm.objects.count() == 1


# --- Organisations ---------------------------------------------------------------------------------------------------
def test_the_agreement_of_an_organisation_is_kept_under_the_name_it_has(client, drawn):
    place = walks.bring_to(walks.municipality(), State.AGREED)
    first = printed(client, place, "?forms=agreement")
    assert (printed(client, place, "?forms=agreement"), len(drawn)) == (first, 1)

    place.province.name = "เทศบาลเมืองชื่อใหม่"
    place.province.save()

    printed(client, place, "?forms=agreement")
    assert len(drawn) == 2
