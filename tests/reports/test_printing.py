"""Printing the forms of many agreements: what is in the file, in which order, under which names, and who gets it."""

import io
import re
import zipfile
from datetime import timedelta
from itertools import groupby
from pathlib import Path, PurePath

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from agreements import clock
from agreements.models import READ, Agreement, Event, Job, JobFile, Role, Round, State, User
from agreements.models.agreements import AgreementQuerySet
from agreements.services import job_files, jobs
from reports import drawing, printing
from reports.binding import numbered_name, safe_name
from reports.printing import Order
from tests import walks
from tests.factories import RoleFactory, UserFactory
from tests.reports import papers

pytestmark = pytest.mark.django_db
SHORT = Order(forms=["3"], digits="arabic", bound="pdf", pdf_a=False)


@pytest.fixture
def place():
    """An office with three agreements, whose people stand on the board as ก, ข and ค; the first is agreed."""
    first = walks.office()
    for one, name in zip([walks.colleague(first), walks.colleague(first), first], "ขคก", strict=True):
        one.assessee.first_name, one.assessee.last_name = name, "ใจดี"
        one.assessee.save()
        one.version.parties.filter(capacity="assessee").update(name=f"นาย{name} ใจดี")
    return walks.bring_to(first, State.AGREED)


def keys_of(place):
    return list(Agreement.objects.order_by("person__sort_key").values_list("pk", flat=True))


def run(place, order=SHORT, keys=None, by=None):
    told = {"by": by or place.hr, "at": clock.now(), "now": timezone.now()}
    job, _is_new = printing.begin(place.round, keys if keys is not None else keys_of(place), order, **told)
    jobs.run(job.pk, clock=timezone.now, at=clock.now())
    job.refresh_from_db()
    return job


def body_of(job):
    with default_storage.open(job.file.path) as file:
        return file.read()


def people_on(body):
    """Return whose name stands in the corner of each form; one form may take several pages."""
    names = [name for page in papers.pages_of(body) for name in ("นายก ใจดี", "นายข ใจดี", "นายค ใจดี") if name in page]
    return [name for name, _pages in groupby(names)]


# --- What is in the file ---------------------------------------------------------------------------------------------
def test_one_pdf_holds_the_forms_in_the_order_asked_for_with_a_bookmark_for_each(place):
    first, second, third = keys_of(place)

    job = run(place, keys=[third, first, second])

    body = body_of(job)
    assert (job.state, job.done, job.outcome["printed"], job.outcome["left_out"]) == ("done", 3, 3, 0)
    assert (job.outcome["pages"], job.file.sha256) == (6, job_files.digest_and_size(job.file.path)[0])
    assert people_on(body) == ["นายค ใจดี", "นายก ใจดี", "นายข ใจดี"]
    with pikepdf.open(io.BytesIO(body)) as bound, bound.open_outline() as outline:
        assert [one.title for one in outline.root] == ["นายค ใจดี", "นายก ใจดี", "นายข ใจดี"]
        assert [bound.pages.index(pikepdf.Page(one.destination[0])) for one in outline.root] == [0, 2, 4]
        assert bound.check_pdf_syntax() == []


def test_each_page_is_as_it_is_alone(place, client):
    client.force_login(place.hr)
    job = run(place, Order(forms=["1", "2", "3", "kpi"], digits="thai", bound="pdf", pdf_a=False))

    alone = [
        page
        for key in keys_of(place)
        for page in papers.pages_of(client.get(reverse("reports:forms-pdf", args=[key]) + "?digits=thai").content)
    ]

    assert papers.pages_of(body_of(job)) == alone


def test_a_zip_holds_a_pdf_for_each_under_names_that_every_system_takes(place):
    User.objects.filter(first_name__in=["ข", "ค"]).update(first_name="ก/ข:", last_name='"ใจ"ดี.')

    job = run(place, Order(forms=["3"], digits="arabic", bound="zip", pdf_a=False))

    with zipfile.ZipFile(io.BytesIO(body_of(job))) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["01 นายก ใจดี.pdf", "02 นายก ข ใจ ดี.pdf", "03 นายก ข ใจ ดี.pdf"]
        # Marked as UTF-8, without which Windows would show Thai as gibberish.
        assert all(one.flag_bits & 0x800 for one in packed.infolist())
        assert people_on(packed.read("01 นายก ใจดี.pdf")) == ["นายก ใจดี"]
    assert job.file.name.endswith(".zip")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("นางสาวกมลชนก ศรีสุวรรณ", "นางสาวกมลชนก ศรีสุวรรณ"),
        ('a<b>c:d"e/f\\g|h?i*j', "a b c d e f g h i j"),
        ("สาม.  ", "สาม"),
        ("ก\u202egnp.exe", "ก gnp.exe"),
        ("บรรทัด\nใหม่\x00", "บรรทัด ใหม่"),
        ("ก" * 200, "ก" * 80),
        ("...", ""),
    ],
)
def test_safe_names(text, name):
    assert safe_name(text) == name


def test_numbers_are_as_wide_as_the_last_and_stand_for_those_without_a_name():
    assert [numbered_name(7, 1200, "ก"), numbered_name(7, 9, ""), numbered_name(8, 9, "CON")] == [
        "0007 ก.pdf",
        "07.pdf",
        "08 CON.pdf",
    ]


def test_pdf_a_says_what_it_is_and_lacks_nothing_for_it(place):
    job = run(place, Order(forms=["2", "3"], digits="thai", bound="pdf", pdf_a=True))

    body = body_of(job)
    with pikepdf.open(io.BytesIO(body)) as bound:
        assert bound.open_metadata().pdfa_status == "3U"
        assert [str(one.S) for one in bound.Root.OutputIntents] == ["/GTS_PDFA1"]
        assert bound.check_pdf_syntax() == []
    assert body.rstrip(b"\n").endswith(b"%%EOF")
    assert {row[1:] for row in papers.fonts_of(body)} == {("yes", "yes", "yes")}
    assert "คำรับรอง" in papers.text_of(body)
    # The control: without the switch it claims nothing.
    with pikepdf.open(io.BytesIO(body_of(run(place)))) as bound:
        assert bound.open_metadata().pdfa_status == ""


# --- What may be printed ---------------------------------------------------------------------------------------------
def test_what_may_not_be_seen_any_more_is_left_out_and_said(place, client):
    elsewhere = walks.office()

    job = run(place, keys=[*keys_of(place)[:1], elsewhere.agreement.pk])

    assert (job.outcome["printed"], job.outcome["left_out"]) == (1, 1)
    assert people_on(body_of(job)) == ["นายก ใจดี"]
    client.force_login(place.hr)
    assert "1 แบบ" not in client.get(job.get_absolute_url()).content.decode()


def test_control_without_the_look_the_other_office_would_be_printed(place, monkeypatch):
    elsewhere = walks.office()
    monkeypatch.setattr(printing, "in_view", lambda user, keys: set(keys))
    monkeypatch.setattr(AgreementQuerySet, "visible_to", lambda found, user: found)

    assert run(place, keys=[elsewhere.agreement.pk]).outcome["printed"] == 1


def test_who_lost_the_role_meanwhile_gets_nothing(place):
    keys = keys_of(place)
    Role.objects.filter(user=place.hr).delete()

    job = run(place, keys=keys)

    assert (job.state, job.outcome) == ("failed", {})
    assert not JobFile.objects.exists()


def test_a_form_that_cannot_be_drawn_is_named_and_no_file_lacks_it(place, monkeypatch):
    draw = drawing.draw
    second = keys_of(place)[1]
    monkeypatch.setattr(drawing, "draw", lambda job, pk, at: 1 / 0 if pk == second else draw(job, pk, at=at))

    job = run(place)

    assert job.state == "failed"
    assert "นายข ใจดี" in job.fault
    assert not JobFile.objects.exists()


def test_a_form_whose_process_dies_is_tried_twice_and_then_named(place, settings):
    # A process of its own finds nothing of this test, which never committed it, and ends with an error.
    settings.PRINT_WORKERS = 2

    job = run(place, keys=keys_of(place)[:1])

    assert (job.state, "นายก ใจดี" in job.fault) == ("failed", True)
    assert not JobFile.objects.exists()


# --- Asked for twice, killed in the middle ---------------------------------------------------------------------------
def test_pressed_twice_it_is_one_job(place):
    told = {"by": place.hr, "at": clock.now(), "now": timezone.now()}
    keys = keys_of(place)

    first, is_new = printing.begin(place.round, keys, SHORT, **told)
    second, is_new_again = printing.begin(place.round, keys, SHORT, **told)
    other, _is_new = printing.begin(place.round, keys[:1], SHORT, **told)

    assert (is_new, is_new_again, second.pk == first.pk, other.pk == first.pk) == (True, False, True, False)
    jobs.run(first.pk, clock=timezone.now, at=clock.now())
    assert printing.begin(place.round, keys, SHORT, **told)[1]


def counted(monkeypatch):
    """Return a list to which each agreement that is drawn is added."""
    drawn, draw = [], drawing.draw
    monkeypatch.setattr(drawing, "draw", lambda job, pk, at: drawn.append(pk) or draw(job, pk, at=at))
    return drawn


def test_what_a_killed_worker_drew_is_not_drawn_again_but_what_it_half_wrote(place, monkeypatch):
    first, second, third = keys_of(place)
    told = {"by": place.hr, "at": clock.now(), "now": timezone.now()}
    job, _is_new = printing.begin(place.round, [first, second, third], SHORT, **told)
    whole, half = (drawing.draw(job, key, at=clock.now()) for key in (second, third))
    Path(default_storage.path(half.path)).write_bytes(b"%PDF-1.7 half")
    drawn = counted(monkeypatch)

    jobs.run(job.pk, clock=timezone.now, at=clock.now())

    job.refresh_from_db()
    assert drawn == [first, third]
    assert people_on(body_of(job)) == ["นายก ใจดี", "นายข ใจดี", "นายค ใจดี"]
    assert whole.path.startswith(job_files.folder_of(job))


# --- Who gets the file -----------------------------------------------------------------------------------------------
def fetch(client, job):
    """Return the answer to asking for the file, read to its end."""
    answer = client.get(reverse("agreements:job-file", args=[job.pk]))
    answer.sent = b"".join(answer)
    return answer


def test_the_file_is_for_who_asked_alone_and_reading_it_is_logged(place, client):
    job = run(place)
    other_hr = RoleFactory(organisation=place.province).user
    answers = {}
    for who in (place.hr, other_hr, place.assessee, UserFactory()):
        client.force_login(who)
        answers[who] = fetch(client, job)

    assert [answer.status_code for answer in answers.values()] == [200, 404, 404, 404]
    sent = answers[place.hr]
    assert sent.sent == body_of(job)
    assert sent.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E0%B8%9B%E0%B8%9C.3")
    assert sent.headers["Cache-Control"] == "private, no-store"
    # HR of the place follows the job, without the file.
    client.force_login(other_hr)
    page = client.get(job.get_absolute_url()).content.decode()
    assert (job.file.name in page, "/file/" in page) == (False, False)


def test_reading_results_in_the_file_is_logged_once_for_all(client):
    place = walks.bring_to(walks.office(), State.ASSESSED)
    job = run(place)
    client.force_login(place.hr)
    before = Event.objects.filter(verb=READ).count()

    fetch(client, job)

    event = Event.objects.filter(verb=READ).order_by("pk").last()
    assert Event.objects.filter(verb=READ).count() == before + 1
    assert (event.actor, event.text.details["page"]) == (place.hr, "job-file")
    assert event.text.details["agreements"] == [place.agreement.pk]


def test_who_may_not_see_all_of_it_any_more_is_refused(place, client):
    job = run(place)
    Role.objects.filter(user=place.hr).delete()
    client.force_login(place.hr)

    assert fetch(client, job).status_code == 403


def test_control_without_the_look_they_would_get_it(place, client, monkeypatch):
    job = run(place)
    Role.objects.filter(user=place.hr).delete()
    client.force_login(place.hr)
    monkeypatch.setattr(printing, "in_view", lambda user, keys: set(keys))

    assert fetch(client, job).status_code == 200


def test_a_file_that_was_changed_on_the_server_is_not_given_out(place, client, caplog):
    job = run(place)
    Path(default_storage.path(job.file.path)).write_bytes(b"%PDF-1.7 another")
    client.force_login(place.hr)

    answer = fetch(client, job)

    assert answer.url == job.get_absolute_url()
    assert "is not what was stored" in caplog.text


# --- Erasing ---------------------------------------------------------------------------------------------------------
def test_the_file_is_erased_when_its_days_are_over(place, client, settings):
    job = run(place)
    begun = job.finished_at
    path = default_storage.path(job.file.path)
    days = timedelta(days=settings.JOB_FILE_DAYS)

    assert (job_files.erase_due(at=begun + days), Path(path).exists()) == (0, True)
    later = begun + days + timedelta(seconds=1)
    assert (job_files.erase_due(at=later), Path(path).exists(), job_files.erase_due(at=later)) == (1, False, 0)
    job.file.refresh_from_db()
    assert job.file.erased_at == later
    client.force_login(place.hr)
    assert reverse("agreements:job-file", args=[job.pk]) not in client.get(job.get_absolute_url()).content.decode()
    with pytest.raises(job_files.FileGone):
        job_files.demand(job.file, at=later)


def test_what_lies_beside_the_files_of_finished_jobs_goes_and_the_rest_stays(place):
    done = run(place)
    told = {"by": place.hr, "at": clock.now(), "now": timezone.now()}
    waiting, _is_new = printing.begin(place.round, keys_of(place), SHORT, **told)
    drawn = drawing.draw(waiting, keys_of(place)[1], at=clock.now())

    job_files.sweep()

    assert default_storage.exists(drawn.path)
    assert default_storage.listdir(job_files.folder_of(done)) == ([], [PurePath(done.file.path).name])
    Job.objects.filter(pk=waiting.pk).update(state="failed")
    job_files.sweep()
    assert not default_storage.exists(job_files.folder_of(waiting))


# --- The pages -------------------------------------------------------------------------------------------------------
def choose(place, data, client):
    client.force_login(place.hr)
    return client.post(reverse("reports:print-forms", args=[place.round.pk]), data)


CHOICE = {"begin": "1", "chosen": ["3"], "bound": "pdf", "digits": "arabic"}


def test_from_ticks_on_the_board_to_the_file(place, client):
    first, _second, third = keys_of(place)
    page = choose(place, {"agreement": [third, first], "board": "sort=-name"}, client)
    assert page.context["named"] == ["นายค ใจดี", "นายก ใจดี"]

    begun = choose(place, {"agreement": [third, first], "board": "sort=-name"} | CHOICE, client)

    job = Job.objects.get()
    assert begun.url == job.get_absolute_url()
    # The tests' jobs run while whoever asked waits, once what was written is kept; here nothing is, ever.
    jobs.run(job.pk, clock=timezone.now, at=clock.now())
    job.refresh_from_db()
    assert people_on(body_of(job)) == ["นายค ใจดี", "นายก ใจดี"]
    assert reverse("agreements:job-file", args=[job.pk]) in client.get(reverse("agreements:work")).content.decode()


def test_from_a_filter_of_the_round_all_pages_of_it(place, client):
    client.force_login(place.hr)
    page = client.get(reverse("reports:print-forms", args=[place.round.pk]) + "?state=draft")
    assert (page.context["count"], page.context["keys"]) == (2, [])

    choose(place, {"all": "1", "board": "state=draft"} | CHOICE, client)

    assert Job.objects.get().order["agreements"] == keys_of(place)[1:]


def test_nothing_ticked_and_no_form_are_said(place, client):
    assert choose(place, {"board": ""}, client).context["count"] == 0
    refused = choose(place, {"all": "1", "board": ""} | CHOICE | {"chosen": []}, client)

    assert list(refused.context["form"].errors) == ["chosen"]
    assert choose(place, {"board": ""} | CHOICE, client).status_code == 302
    assert not Job.objects.exists()


def test_a_forged_key_of_another_office_is_passed_over(place, client):
    elsewhere = walks.office()

    choose(place, {"agreement": [elsewhere.agreement.pk, keys_of(place)[0]], "board": ""} | CHOICE, client)

    assert Job.objects.get().order["agreements"] == keys_of(place)[:1]


@pytest.mark.parametrize("rows", [1, 3])
def test_choosing_costs_as_many_questions_for_more(place, client, rows, django_assert_num_queries):
    client.force_login(place.hr)
    keys = keys_of(place)[:rows]

    with django_assert_num_queries(12):
        page = client.post(reverse("reports:print-forms", args=[place.round.pk]), {"agreement": keys, "board": ""})

    assert page.context["count"] == rows


def _form_of(page):
    """Return which form stands in the corner of a page."""
    return re.search(r"(เอกสารประกอบ )?ปผ\.\d", page.splitlines()[0]).group()


# --- Blank forms -----------------------------------------------------------------------------------------------------
def test_blank_forms_name_the_round_and_nobody(place, client):
    client.force_login(place.assessee)

    answer = client.get(reverse("reports:blank-forms", args=[place.round.pk]))

    pages = papers.pages_of(answer.content)
    assert [form for form, _pages in groupby(_form_of(page) for page in pages)] == [
        "ปผ.1",
        "ปผ.2",
        "ปผ.3",
        "เอกสารประกอบ ปผ.2",
    ]
    assert "ใจดี" not in "".join(pages)


def test_blank_forms_of_an_organisation(place, client):
    Round.objects.filter(pk=place.round.pk).update(subject="organisations")
    client.force_login(place.hr)

    pages = papers.pages_of(client.get(reverse("reports:blank-forms", args=[place.round.pk]) + "?digits=thai").content)

    assert "ข้อตกลงการปฏิบัติราชการ" in pages[0]
    assert place.province.name not in "".join(pages)
