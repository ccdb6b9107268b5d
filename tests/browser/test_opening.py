"""HR makes a round and opens its agreements without a mouse; the job's page comes to its end by itself."""

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from agreements.models import Agreement, Job, Round, User
from agreements.services import jobs, opening
from tests.browser.test_keyboard import press, tab_to

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    call_command("load_demo", verbosity=0)


def test_a_round_is_made_and_opened_by_keyboard(demo, browser_page, sign_in):
    sign_in(browser_page, "hr")
    browser_page.goto("/rounds/add/")

    tab_to(browser_page, browser_page.locator("#id_achievement_probation"))
    press(browser_page, browser_page.locator("button[data-save]"))
    browser_page.wait_for_url("**/opening/")
    made = Round.objects.get(status="planned")
    assert made.group_weights == {"probation": ["50", "50"]}
    press(browser_page, browser_page.locator("button[value=all]"))

    expect(browser_page.locator("#job .state-done")).to_have_count(1)
    job = Job.objects.get()
    assert (job.round, job.state) == (made, "done")
    assert Agreement.objects.filter(round=made).count() == job.outcome["opened"]


def test_the_page_of_a_job_comes_to_its_end_by_itself(demo, browser_page, sign_in):
    hr = User.objects.get(username="hr")
    now = timezone.now()
    job = opening.begin(Round.objects.get(organisation__code="chonburi"), by=hr, at=now, now=now)
    sign_in(browser_page, "hr")
    browser_page.goto(job.get_absolute_url())
    expect(browser_page.locator("#job progress")).to_have_count(1)

    jobs.run(job.pk, clock=timezone.now, at=now)

    expect(browser_page.locator("#job .state-done")).to_have_count(1, timeout=15_000)
    expect(browser_page.locator("#job progress")).to_have_count(0)
