import tempfile
from collections import Counter
from datetime import date
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings
from django.utils import timezone

from agreements import clock
from agreements.models import (
    Agreement,
    Event,
    Framework,
    Organisation,
    Posting,
    Result,
    Role,
    Round,
    Submission,
    User,
    Version,
)
from agreements.services import (
    agreements,
    bindings,
    cascade,
    content as contents,
    demo,
    judged_results,
    judges,
    results,
)
from agreements.services.report_cells import percentage


def load_demo():
    said = StringIO()
    call_command("load_demo", stdout=said)
    return said.getvalue()


def current_version_of(username):
    return Version.objects.get(is_current=True, part__agreement__person__username=username)


def signatures_of(username):
    version = current_version_of(username)
    lines = contents.signature_lines(version, ["agree", "result"])
    return [(line.stage, line.capacity, line.decision) for line in lines]


@override_settings(DEMO=True, DEMO_TODAY=date(2013, 2, 18))
class TestLoadDemo(TestCase):
    # A class for setUpTestData: loading takes seconds, and these tests only look at what it made.
    @classmethod
    def setUpTestData(cls):
        evidence = tempfile.TemporaryDirectory()
        cls.addClassCleanup(evidence.cleanup)
        with override_settings(MEDIA_ROOT=evidence.name):
            cls.said = load_demo()

    def test_office_has_its_groups_districts_and_people(self):
        office = Organisation.objects.get(code="chonburi")
        below = Organisation.objects.within(office).exclude(pk=office.pk)
        assert Counter(below.values_list("unit_code", flat=True)) == {
            "general": 1,
            "development": 1,
            "finance": 1,
            "personnel": 1,
            "legal": 1,
            "district": 11,
        }
        held = Posting.objects.held_on(date(2013, 2, 18))
        assert held.filter(organisation__in=Organisation.objects.within(office)).count() == 42
        assert held.filter(organisation__code="rayong").count() == 3
        # Whoever is elected is assessed by nobody here.
        elected = held.filter(organisation__code="nonthaburi", title__contains="นายกเทศมนตรี")
        unassessed = held.filter(assessor=None).exclude(pk__in=elected)
        assert list(unassessed.values_list("user__username", flat=True)) == ["dla.head"]

    def test_an_item_takes_its_values_and_the_day_sent_from_the_report_of_its_district(self):
        version = current_version_of("phensi")
        item = version.items.get(code="P1")
        result = results.open_book(version).result(item)
        assert result.inputs == {"variables": {"established": "7", "total": "9"}, "submitted_on": "2013-02-11"}
        form = "แบบรายงานการจัดตั้งศูนย์ช่วยเหลือประชาชนขององค์กรปกครองส่วนท้องถิ่น รายอำเภอ (centres-by-district@1)"
        assert bindings.sentences(result) == [
            f"จำนวน อปท. ที่จัดตั้งศูนย์ฯ แล้ว: 7 จาก {form} ท้องถิ่นอำเภอศรีราชา งวดเริ่ม 1 ม.ค. 2556 ฉบับที่ 1",
            f"จำนวน อปท. ทั้งหมดในอำเภอ: 9 จาก {form} ท้องถิ่นอำเภอศรีราชา งวดเริ่ม 1 ม.ค. 2556 ฉบับที่ 1",
        ]

    def test_agreements_stand_in_every_state_but_the_one_that_passes_by_itself(self):
        assert Counter(Agreement.objects.exclude(person=None).values_list("state", flat=True)) == {
            "draft": 3,
            "proposed": 2,
            "agreed": 4,
            "reported": 2,
            "released": 2,
            "acknowledged": 2,
            "reviewed": 2,
            "closed": 2,
        }

    def test_staff_starts_with_an_empty_draft_at_the_province_itself(self):
        version = current_version_of("staff")
        parties = {party.capacity: party.user.username for party in version.parties.select_related("user")}
        assert version.part.agreement.state == "draft"
        assert version.part.agreement.organisation.code == "chonburi"
        assert version.items.count() == 0
        assert list(version.competencies.values_list("expected", flat=True)) == [3] * 10
        assert parties == {"assessee": "staff", "assessor": "assessor", "reviewer": "reviewer"}

    def test_accounts_sign_in_and_have_their_roles(self):
        names = ("staff", "assessor", "reviewer", "hr", "editor", "executive")
        names += ("judge", "mayor", "clerk", "owner", "collector")
        assert [self.client.login(username=name, password="demo") for name in names] == [True] * 11
        assert set(Role.objects.values_list("user__username", "kind", "organisation__code")) == {
            ("hr", "hr", "chonburi"),
            ("editor", "framework_editor", "chonburi"),
            ("executive", "executive", "chonburi"),
            ("judge", "data_reporter", "dla"),
            ("rayong.hr", "hr", "rayong"),
            ("nt.personnel", "hr", "nonthaburi"),
            ("anong", "data_reporter", "chonburi"),
            ("uttaradit.reporter", "data_reporter", "uttaradit"),
        }

    def test_the_report_on_the_centres_has_the_figures_of_its_paper(self):
        paper = Submission.objects.get(form_code="centres-monthly")
        by_district = Submission.objects.get(form_code="centres-by-district", organisation__code="uttaradit")
        figures = [paper.totals[f"centres.{column}"] for column in ("all", "established", "not_yet")]
        assert (figures, paper.state, paper.days_late) == (["80", "59", "21"], "certified", 0)
        assert percentage(paper.totals, "centres", "established", "all") == Fraction("73.75")
        # The districts' own reports, approved one by one, come to the same.
        assert (by_district.totals, by_district.reports) == (paper.totals, 9)

    def test_chonburi_has_reports_in_every_state(self):
        office = Organisation.objects.get(code="chonburi")
        found = Submission.objects.filter(above=office).values_list("state", "number")
        assert Counter(found) == {("approved", 1): 3, ("certified", 1): 2, ("draft", 1): 1, ("draft", 2): 1}

    def test_work_waits_for_the_accounts(self):
        waiting = {
            user.username: set(Agreement.objects.waiting_for(user).values_list("person__username", flat=True))
            for user in User.objects.filter(username__in=["staff", "assessor", "reviewer", "executive"])
        }
        assert waiting == {
            "staff": {"staff"},
            "assessor": {"kanya", "wichai", "decha"},
            "reviewer": {"natthaphong"},
            "executive": set(),
        }

    def test_returned_ones_say_why_and_keep_what_holds(self):
        proposal, report = current_version_of("udom"), current_version_of("phongsak")
        assert (proposal.number, proposal.part.agreement.state, proposal.agreed_in) == (2, "draft", None)
        assert proposal.reason.startswith("น้ำหนักตัวชี้วัดที่ 1.4")
        assert (report.number, report.part.agreement.state, report.agreed_in.number) == (2, "agreed", 1)
        assert signatures_of("phongsak") == [("agree", "assessee", "signed"), ("agree", "assessor", "signed")]

    def test_signed_results_are_those_of_the_rules(self):
        signed = {
            name: contents.signed_content(current_version_of(name), "result")["scores"]
            for name in ("duangjai", "bunsong", "manop", "kanchana", "natthaphong", "decha", "wanida", "sirirat")
        }
        assert {name: (scores["total"], scores["final"], scores["grade"]) for name, scores in signed.items()} == {
            "duangjai": ("3.8622", "84.07", "ดีมาก"),
            "bunsong": ("4.7000", "95.80", "ดีเด่น"),
            "manop": ("4.1074", "86.50", "ดีมาก"),
            "kanchana": ("4.6429", "95.00", "ดีเด่น"),
            "natthaphong": ("3.2714", "75.80", "ดี"),
            "decha": ("3.3571", "77.00", "ดี"),
            "wanida": ("3.8500", "82.90", "ดีมาก"),
            "sirirat": ("4.2000", "88.80", "ดีมาก"),
        }

    def test_closed_one_bears_all_signatures(self):
        assert signatures_of("bunsong") == [
            ("agree", "assessee", "signed"),
            ("agree", "assessor", "signed"),
            ("result", "assessor", "signed"),
            ("result", "assessee", "signed"),
            ("result", "reviewer", "agrees"),
        ]

    def test_log_is_in_the_order_of_time_and_ends_before_the_clock_starts(self):
        moments = list(Event.objects.filter(office__code="chonburi").order_by("number").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert timezone.localdate(moments[-1]) == date(2013, 2, 14)
        assert clock.demo_today() == date(2013, 2, 18)

    def test_framework_is_published_for_the_office_and_the_round_open(self):
        framework, round_ = Framework.objects.get(organisation__code="chonburi"), Round.objects.get(number=1)
        assert (framework.reference, framework.organisation.code) == ("chonburi-2556-1@1", "chonburi")
        assert framework.indicators.count() == 16
        assert (round_.organisation.code, round_.status, round_.releases_on_assessment) == ("chonburi", "open", True)
        assert (round_.propose_by, round_.report_by, round_.assess_by) == (
            date(2013, 2, 22),
            date(2013, 3, 27),
            date(2013, 3, 31),
        )

    def test_all_frameworks_of_the_portal_are_published_and_only_the_offices_own_is_offered_to_its_staff(self):
        version = current_version_of("staff")
        agreement = version.part.agreement

        given = agreements.indicators_given_to(agreement.organisation, agreement.round)

        shipped = {path.stem for path in (demo.FIXTURES / "frameworks").glob("*.yaml")}
        published = set(Framework.objects.filter(status="published").values_list("code", flat=True))
        # With what the demo's municipality agrees, and what its director follows month by month.
        assert published == shipped | {"nonthaburi-2556", "followed-2556"}
        assert {one.framework.code for one in given} == {"chonburi-2556-1"}

    def test_a_superiors_indicators_are_carried_by_two_below(self):
        items = current_version_of("wichai").items.order_by("code")
        carried = cascade.carriers({cascade.key_of(item) for item in items})
        by_code = {item.code: len(carried.get(cascade.key_of(item), [])) for item in items}
        assert by_code == {"3": 2, "4": 2, "5": 1, "6": 2}

    def test_the_department_judges_some_and_one_submission_waits(self):
        judge = User.objects.get(username="judge")
        tasks = [(one.indicator.code, one.unit.code, one.waiting) for one in judged_results.tasks_for(judge)]
        assert tasks == [("6", "dla", 1), ("7", "dla", 0)]
        # The assessor may sign at once: the department judged it, and the trace says so.
        book = results.open_book(current_version_of("wichai"))
        score = next(one for one in results.scores_of(book, "assessor").indicators if one.code == "6")
        assert judges.obstacles(book, today=date(2013, 2, 18)) == []
        assert score.score == Fraction("4.75")

    def test_a_municipality_has_its_own_agreement_under_way(self):
        agreement = Agreement.objects.get(person=None)
        version = Version.objects.get(part__agreement=agreement)
        lines = contents.signature_lines(version, ["agree"])
        results = {row.lineage: row for row in Result.objects.filter(part__agreement=agreement)}
        codes = {item.code: results.get(item.lineage) for item in version.items.all()}

        assert (agreement.organisation.code, agreement.state, agreement.round.fiscal_year) == (
            "nonthaburi",
            "agreed",
            2556,
        )
        assert [(line.capacity, str(timezone.localdate(line.signed_at))) for line in lines] == [
            ("assessee", "2012-09-24"),
            ("witness_1", "2012-09-25"),
            ("witness_2", "2012-09-25"),
            ("witness_3", "2012-09-26"),
            ("witness_4", "2012-09-27"),
            ("assessor", "2012-09-28"),
        ]
        assert sorted(code for code, row in codes.items() if row) == ["1", "12", "17", "2", "3"]
        assert sorted(code for code, row in codes.items() if row and row.confirmed_by) == ["1", "12", "3"]
        assert {one.username for one in User.objects.filter(postings__duties__kind="collector")} >= {"collector"}

    def test_the_municipalitys_log_is_in_the_order_of_time(self):
        moments = list(Event.objects.filter(office__code="nonthaburi").order_by("number").values_list("at", flat=True))
        assert moments == sorted(moments)

    def test_second_run_changes_nothing_and_says_so(self):
        kept = (User.objects.count(), Agreement.objects.count(), Event.objects.count())

        said = load_demo()

        assert said == "มีสำนักงานสาธิตอยู่แล้ว ไม่ได้เปลี่ยนแปลงข้อมูลใด\n"
        assert (User.objects.count(), Agreement.objects.count(), Event.objects.count()) == kept

    def test_names_the_accounts_in_both_languages(self):
        assert [line.split() for line in self.said.splitlines() if line.startswith("  staff ")] == [
            ["staff", "ผู้รับการประเมิน"],
            ["staff", "Assessee"],
        ]

    def test_refuses_outside_the_demo(self):
        kept = User.objects.count()

        with self.settings(DEMO=False), pytest.raises(CommandError, match="KPI_DEMO=1"):
            load_demo()

        assert User.objects.count() == kept
