import datetime

import pytest
from django.utils import timezone

from agreements.models import Job, Organisation
from agreements.services import jobs
from tests.factories import NOON, OrganisationFactory, RoleFactory, RoundFactory, UserFactory

pytestmark = pytest.mark.django_db
MINUTE = datetime.timedelta(minutes=1)
LONG_AGO = datetime.timedelta(hours=1)


class Work:
    """A kind of work that renames its place, and tells how often each step ran."""

    def __init__(self):
        self.prepared = self.completed = 0
        self.during = lambda job, progress: None
        self.kind = jobs.Kind(code="rename", label="งานทดลอง", prepare=self.prepare, complete=self.complete)

    def prepare(self, job, at, progress):
        self.prepared += 1
        progress.say(0, 2)
        self.during(job, progress)
        progress.say(2, 2)
        return "ชื่อใหม่"

    def complete(self, job, at, prepared):
        self.completed += 1
        Organisation.objects.filter(pk=job.organisation_id).update(name=prepared)
        return {"renamed": 1}


@pytest.fixture
def work(monkeypatch):
    made = Work()
    monkeypatch.setitem(jobs._KINDS, "rename", made.kind)
    return made


def ask(work, **fields):
    place = fields.pop("about", None) or OrganisationFactory(name="ชื่อเดิม")
    told = {"about": place, "round_": None, "order": {}, "by": UserFactory(), "at": NOON, "now": timezone.now()}
    return jobs.ask(work.kind, **told | fields)


def run(job):
    jobs.run(job.pk, clock=timezone.now, at=NOON)
    job.refresh_from_db()
    return job


def test_a_job_is_done_once_and_tells_what_came_of_it(work):
    job = run(ask(work))

    assert (job.state, job.done, job.total, job.outcome, job.attempts) == ("done", 2, 2, {"renamed": 1}, 1)
    assert job.organisation.name == "ชื่อใหม่"
    assert (job.finished_at, job.per_cent) == (NOON, 100)


def test_a_job_handed_over_twice_is_run_once(work):
    job = ask(work)

    run(job)
    run(job)

    assert (work.prepared, work.completed, job.attempts) == (1, 1, 1)


def test_a_refusal_is_kept_in_its_own_words_and_nothing_is_written(work):
    def refuses(job, at, prepared):
        Organisation.objects.filter(pk=job.organisation_id).update(name="ครึ่งทาง")
        raise jobs.JobRefused("ทำไม่ได้เพราะปิดรอบแล้ว")

    object.__setattr__(work.kind, "complete", refuses)

    job = run(ask(work))

    assert (job.state, job.fault) == ("failed", "ทำไม่ได้เพราะปิดรอบแล้ว")
    assert job.organisation.name == "ชื่อเดิม"


def test_a_crash_is_told_without_its_insides_and_stands_in_the_log(work, caplog):
    work.during = lambda job, progress: 1 / 0

    job = run(ask(work))

    assert job.state == "failed"
    assert "ZeroDivisionError" not in job.fault
    assert job.fault
    assert "ZeroDivisionError" in caplog.text


# --- Killed workers --------------------------------------------------------------------------------------------------
def killed(work):
    """Return a job whose worker began and was killed an hour ago."""
    job = ask(work)
    jobs.claim(job.pk, now=timezone.now())
    Job.objects.update(alive_at=timezone.now() - LONG_AGO)
    return job


def test_the_job_of_a_killed_worker_is_begun_anew(work):
    job = killed(work)
    now = timezone.now()

    assert jobs.lost(now) == [job.pk]
    assert jobs.give_back(job.pk, now=now)
    run(job)

    assert (job.state, job.attempts, work.completed) == ("done", 2, 1)


def test_a_job_whose_worker_lives_is_left_alone(work):
    job = ask(work)
    jobs.claim(job.pk, now=timezone.now())

    now = timezone.now()
    assert (jobs.lost(now), jobs.give_back(job.pk, now=now), jobs.claim(job.pk, now=now)) == ([], False, None)


def test_a_job_that_was_never_handed_over_is_found(work):
    job = ask(work, now=timezone.now() - LONG_AGO)

    assert jobs.lost(timezone.now()) == [job.pk]


def given_to_another(job):
    """Let another worker have `job` while the first is still at it."""
    Job.objects.filter(pk=job.pk).update(alive_at=timezone.now() - LONG_AGO)
    jobs.give_back(job.pk, now=timezone.now())
    jobs.claim(job.pk, now=timezone.now())


def test_a_worker_that_was_thought_dead_writes_nothing(work):
    def complete(job, at, prepared):
        given_to_another(job)
        return Work.complete(work, job, at, prepared)

    object.__setattr__(work.kind, "complete", complete)
    job = run(ask(work))

    # What it did is undone, the handing over with it: nothing is half done, and it is found as lost again.
    assert (job.state, job.outcome, job.organisation.name) == ("running", {}, "ชื่อเดิม")


def test_control_without_the_ticket_it_would_have_written(work, monkeypatch):
    def complete(job, at, prepared):
        given_to_another(job)
        return Work.complete(work, job, at, prepared)

    object.__setattr__(work.kind, "complete", complete)
    monkeypatch.setattr(jobs, "_mine", lambda job: Job.objects.filter(pk=job.pk))

    assert run(ask(work)).organisation.name == "ชื่อใหม่"


def test_a_worker_that_was_thought_dead_stops_where_it_says_how_far_it_is(work):
    work.during = lambda job, progress: given_to_another(job)

    job = run(ask(work))

    assert (work.completed, job.state, job.attempts, job.fault) == (0, "running", 2, "")


def test_what_kills_its_workers_is_not_begun_for_ever(work):
    job = ask(work)
    Job.objects.update(attempts=jobs.MOST_ATTEMPTS)

    run(job)

    assert (job.state, work.prepared) == ("failed", 0)
    assert str(jobs.MOST_ATTEMPTS) in job.fault


# --- Asking and seeing -----------------------------------------------------------------------------------------------
def test_the_same_work_for_the_same_round_is_not_asked_for_twice(work):
    round_ = RoundFactory()
    first = ask(work, about=round_.organisation, round_=round_)

    with pytest.raises(jobs.JobRefused):
        ask(work, about=round_.organisation, round_=round_)

    run(first)
    assert ask(work, about=round_.organisation, round_=round_).pk != first.pk


def test_a_job_is_seen_by_who_asked_and_by_the_hr_of_its_place(work):
    place = OrganisationFactory()
    unit = OrganisationFactory(parent=place, kind="group")
    asked_by = UserFactory()
    job = ask(work, about=unit, by=asked_by)
    above, beside = RoleFactory(organisation=place).user, RoleFactory(organisation=OrganisationFactory()).user
    executive = RoleFactory(organisation=place, kind="executive").user

    seen = {user: list(Job.objects.visible_to(user)) for user in (asked_by, above, beside, executive, UserFactory())}

    assert list(seen.values()) == [[job], [job], [], [], []]


def test_two_workers_do_not_claim_the_same_job(work):
    job = ask(work)

    assert [bool(jobs.claim(job.pk, now=timezone.now())) for _ in range(2)] == [True, False]
