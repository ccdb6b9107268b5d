from datetime import timedelta

import pytest
from django.urls import reverse

from agreements.models import Notice, Organisation, Role
from agreements.services import (
    heads,
    notice_words,
    reporting_notices,
    reporting_tasks,
    submission_judging as judging,
    submissions,
)
from tests.factories import OrganisationFactory, PostingFactory, RoleFactory
from tests.reporting import JANUARY, NOON, Tree

pytestmark = pytest.mark.django_db
# January's reports are due on Friday, 15 February 2013; those of the units that sum up as well.
DUE = NOON + timedelta(days=2)


class January(Tree):
    """The tree, asked for nothing before January."""

    def laid_down(self, **changes):
        """Return the form, whose first month is January."""
        return super().laid_down(reported_by={"kinds": ["district"], "from": "2013-01-01"}, **changes)


def told(user):
    """Return what `user` was told, as (kind, act, due day)."""
    return [(one.kind, one.act, one.due) for one in Notice.objects.filter(user=user).order_by("pk")]


def test_those_who_report_for_a_unit_are_told_before_its_day_and_not_after_it_was_sent():
    tree = January()
    tree.certified(tree.second)

    reporting_notices.write_due(at=NOON)

    day = DUE.date()
    assert told(tree.heads["laplae"]) == [("due", "figures", day)]
    assert told(tree.reporter) == [("due", "figures", day)]
    assert told(tree.heads["thapla"]) == []


def test_a_notice_is_written_once_a_step_and_the_next_one_puts_it_aside():
    tree = January()

    counts = [reporting_notices.write_due(at=NOON + timedelta(days=days)) for days in (0, 0, 1, 3, 4)]

    # Two districts and the province that sums up, with four people; late, the two units above are told as well.
    assert counts == [4, 0, 4, 6, 0]
    assert [one.kind for one in Notice.objects.unread().filter(user=tree.reporter)] == ["late"]


def test_the_unit_above_is_told_once_a_week_that_units_below_are_late():
    tree = January()

    reporting_notices.write_due(at=DUE + timedelta(days=1))

    escalated = Notice.objects.filter(kind=Notice.Kind.ESCALATION, user=tree.heads["uttaradit"])
    level = reverse("agreements:level", args=[tree.form.pk, tree.province.pk, JANUARY.isoformat()])
    assert [(one.act, one.link, one.due) for one in escalated] == [("figures-below", level, DUE.date())]
    assert reporting_notices.write_due(at=DUE + timedelta(days=2)) == 0


def test_nobody_is_told_once_the_form_is_closed():
    closed = January(due={"day": 15, "months_after": 1, "closes_after": 1})

    assert reporting_notices.write_due(at=DUE + timedelta(days=10)) == 0
    # The control: without a closing day they are told on the same day.
    closed.laid_down(due={"day": 15, "months_after": 1})
    assert reporting_notices.write_due(at=DUE + timedelta(days=10)) == 6


def test_sending_a_report_puts_aside_what_was_said_of_it():
    tree = January()
    reporting_notices.write_due(at=NOON)
    assert Notice.objects.unread().filter(user=tree.reporter).count() == 1

    tree.certified(tree.first)

    assert Notice.objects.unread().filter(user=tree.reporter).count() == 0
    assert Notice.objects.unread().filter(user=tree.heads["thapla"]).count() == 1


def test_the_head_is_told_of_a_complete_report_and_the_reporters_of_a_returned_one():
    tree = January()
    submission = tree.filled(tree.first)
    judging_head = tree.heads["uttaradit"]
    tree.certify(submission)
    submission.refresh_from_db()

    judging.return_for_changes(submission, remarks=[], reason="Count again.", by=judging_head, at=NOON)

    assert told(tree.reporter) == [("returned", "figures", None)]
    notice = Notice.objects.get(user=tree.reporter)
    assert notice.link == submission.get_absolute_url()
    assert "%" not in notice_words.sentence(notice, NOON.date())


def test_the_unit_is_told_that_its_approved_report_was_unlocked():
    tree = January()
    (approved,) = tree.approve(tree.certified(tree.first))

    judging.unlock(approved, reason="Count again.", by=tree.heads["uttaradit"], at=NOON)

    assert told(tree.reporter) == [("returned", "figures-unlocked", None)]


def test_a_head_is_told_to_certify_what_somebody_else_completed():
    tree = January()
    submission = tree.filled(tree.first)

    submissions.complete(submission, by=tree.reporter, at=NOON)

    assert told(tree.heads["laplae"]) == [("turn", "certify-figures", None)]


def test_whoever_acts_for_the_head_is_told_too():
    tree = January()
    head = tree.heads["laplae"].postings.get()
    acting = PostingFactory(organisation=tree.province, is_acting=True, stands_for=head).user

    reporting_notices.write_due(at=NOON)

    assert told(acting) == [("due", "figures", DUE.date())]


@pytest.mark.parametrize("units", [1, 3])
def test_a_country_is_told_with_as_many_questions_as_a_district(units, django_assert_num_queries):
    tree = January()
    for _number in range(units - 1):
        district = OrganisationFactory(parent=tree.province, kind=Organisation.Kind.DISTRICT)
        RoleFactory(organisation=district, kind=Role.Kind.DATA_REPORTER)
        PostingFactory(organisation=district)

    with django_assert_num_queries(13):
        reporting_notices.write_due(at=NOON)


# --- My work ---------------------------------------------------------------------------------------------------------
def test_what_is_to_be_sent_and_what_is_to_be_approved_waits():
    tree = January()
    tree.certified(tree.second)

    sending = reporting_tasks.tasks_of(tree.reporter, at=NOON)
    above = reporting_tasks.tasks_of(heads.tell(tree.heads["uttaradit"], day=NOON.date()), at=NOON)

    assert [(one.organisation, one.period) for one in sending.to_send] == [(tree.first, JANUARY)]
    assert sending.to_approve == []
    assert [(one.place, one.period, one.count) for one in above.to_approve] == [(tree.province, JANUARY, 1)]


def test_what_is_sent_or_far_off_does_not_wait():
    tree = January()
    tree.certified(tree.first)

    assert reporting_tasks.tasks_of(tree.reporter, at=NOON).count == 0
    # The control: February's report waits once its day is near.
    later = reporting_tasks.tasks_of(tree.reporter, at=NOON + timedelta(days=20))
    assert [one.period.month for one in later.to_send] == [2]


def test_a_unit_that_sums_up_is_led_to_what_came_to_it_and_one_that_reports_to_its_list():
    tree = January()
    level = reverse("agreements:level", args=[tree.form.pk, tree.province.pk, JANUARY.isoformat()])

    assert reporting_notices.link_of(tree.form, JANUARY, tree.province) == level
    listed = f"{reverse('agreements:submissions')}#report-centres-monthly-2013-01-01-{tree.first.pk}"
    assert reporting_notices.link_of(tree.form, JANUARY, tree.first) == listed


def test_my_work_leads_to_each_report(client, settings):
    settings.DEMO, settings.DEMO_TODAY = True, NOON.date()
    tree = January()
    client.cookies["django_language"] = "en"
    client.force_login(tree.reporter)

    shown = client.get(reverse("agreements:work")).content.decode()

    assert reporting_notices.link_of(tree.form, JANUARY, tree.first) in shown
    assert f"Send the report “{tree.form.title}”" in shown
