import datetime

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import (
    AgreedCompetency,
    Agreement,
    Event,
    Job,
    Party,
    Posting,
    Round,
    RoundCompetencySet,
    User,
)
from agreements.services import agreements as services, jobs, log_check, opening
from tests.factories import (
    MARCH,
    NOON,
    OCTOBER,
    CompetencySetFactory,
    FrameworkFactory,
    IndicatorFactory,
    OrganisationFactory,
    PostingFactory,
    RoleFactory,
    RoundFactory,
)

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


@pytest.fixture
def place():
    """Return a province with a group, a head, a deputy, and an HR officer who holds no position."""
    province = OrganisationFactory()
    unit = OrganisationFactory(parent=province, kind="group", unit_code="general")
    top = PostingFactory(organisation=province, title="ผู้ว่าราชการจังหวัด")
    head = PostingFactory(organisation=province, title="ท้องถิ่นจังหวัด", position_type="อำนวยการ", assessor=top)
    deputy = PostingFactory(organisation=unit, assessor=head)
    round_ = RoundFactory(organisation=province, status="planned")

    class Place:
        pass

    made = Place()
    made.province, made.unit, made.round = province, unit, round_
    made.top, made.head, made.deputy = top, head, deputy
    made.hr = RoleFactory(organisation=province).user
    return made


def staff(place, count=1, **fields):
    return [PostingFactory(organisation=place.unit, assessor=place.deputy, **fields) for _ in range(count)]


def scope(place, *, by=None, today=TODAY):
    return opening.scope_for(place.round, by or place.hr, today=today)


def reasons(place, **told):
    return {one.user: one.reason for one in opening.candidates(scope(place, **told))}


def open_all(place, *, by=None, people=()):
    job = opening.begin(place.round, by=by or place.hr, at=NOON, now=timezone.now(), people=people)
    jobs.run(job.pk, clock=timezone.now, at=NOON)
    job.refresh_from_db()
    place.round.refresh_from_db()
    return job


# --- Who gets one ----------------------------------------------------------------------------------------------------
def test_who_holds_a_position_under_an_assessor_gets_an_agreement(place):
    (one,) = staff(place)

    assert reasons(place) == {
        place.top.user: "no_assessor", place.head.user: "", place.deputy.user: "", one.user: "",
    }  # fmt: skip
    assert list(opening.without_position(scope(place))) == [place.hr]
    assert opening.counts(scope(place)) == {"": 3, "no_assessor": 1, "no_posting": 1}


def _has_one(place, one):
    Round.objects.update(status="open")
    services.open_agreement(Round.objects.get(pk=place.round.pk), one, by=one.user, at=NOON)


def _in_another_round(place, one):
    other = RoundFactory(organisation=place.unit)
    services.open_agreement(other, one, by=one.user, at=NOON)


def _two_postings(place, one):
    PostingFactory(user=one.user, organisation=place.province, assessor=place.head)


def _change(**fields):
    return lambda place, one: Posting.objects.filter(pk=one.pk).update(**fields)


LEFT_OUT = {
    "has_one": _has_one,
    "other_round": _in_another_round,
    "two_postings": _two_postings,
    "only_acting": _change(is_acting=True),
    "no_assessor": _change(assessor=None),
    "oneself": lambda place, one: Posting.objects.filter(pk=one.pk).update(
        assessor=PostingFactory(user=one.user, organisation=place.unit, is_acting=True, starts_on=OCTOBER)
    ),
    "assessor_gone": lambda place, one: Posting.objects.filter(pk=place.deputy.pk).update(ends_on=OCTOBER),
    "assessor_disabled": lambda place, one: User.objects.filter(pk=place.deputy.user_id).update(is_active=False),
}


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_whoever_is_left_out_is_left_out_for_a_reason(place, reason):
    (one,) = staff(place)
    before = Agreement.objects.filter(person=one.user).count()

    LEFT_OUT[reason](place, one)
    assert reasons(place)[one.user] == reason
    made = Agreement.objects.filter(person=one.user).count()
    open_all(place)

    # Nobody is opened one against the reason, and the reasons are all explained.
    assert Agreement.objects.filter(person=one.user).count() == made
    assert before in (0, made)
    assert set(LEFT_OUT) | {"no_posting"} == set(opening.REASONS)


def test_disabled_accounts_and_those_who_left_are_not_spoken_of(place):
    gone, disabled = staff(place, 2)
    Posting.objects.filter(pk=gone.pk).update(ends_on=datetime.date(2012, 12, 31))
    User.objects.filter(pk=disabled.user_id).update(is_active=False)

    found = reasons(place)

    assert gone.user not in found
    assert disabled.user not in found
    # Who left in mid-round is named: HR opens or ends by hand.
    assert gone.user in opening.without_position(scope(place))
    assert disabled.user not in opening.without_position(scope(place))


def test_before_the_round_its_first_day_is_looked_at_and_after_it_its_last(place):
    assert scope(place, today=datetime.date(2012, 5, 1)).day == OCTOBER
    assert scope(place, today=datetime.date(2014, 5, 1)).day == MARCH
    assert scope(place).day == TODAY


def test_hr_of_a_unit_sees_and_opens_its_own_people_only(place):
    (one,) = staff(place)
    of_unit = RoleFactory(organisation=place.unit).user
    with pytest.raises(actions.NotAllowed):
        open_all(place, by=of_unit)
    Round.objects.update(status="open")

    job = open_all(place, by=of_unit)

    assert job.outcome["opened"] == 2
    assert {agreement.person for agreement in Agreement.objects.all()} == {place.deputy.user, one.user}


def test_control_without_the_place_hr_of_a_unit_would_open_for_all(place, monkeypatch):
    of_unit = RoleFactory(organisation=place.unit).user
    Round.objects.update(status="open")
    monkeypatch.setattr(opening, "below_any", lambda paths, field: opening.Q())

    assert open_all(place, by=of_unit).outcome["opened"] == 2
    assert Agreement.objects.filter(person=place.head.user).exists()


def test_hr_of_another_office_opens_nothing(place):
    stranger = RoleFactory(organisation=OrganisationFactory()).user

    with pytest.raises(actions.NotAllowed):
        opening.begin(place.round, by=stranger, at=NOON, now=timezone.now())

    assert (Job.objects.count(), Agreement.objects.count()) == (0, 0)


# --- Opening ---------------------------------------------------------------------------------------------------------
def facts(agreement):
    """Return all that is written when an agreement is opened, keys apart."""
    part = agreement.parts.get()
    version = part.versions.get()
    held = version.competencies.order_by("order").values_list("kind", "order", "name", "levels", "expected")
    drop = {"id", "version_id"}
    parties = [
        {name: value for name, value in row.items() if name not in drop}
        for row in version.parties.order_by("capacity").values()
    ]
    days = (part.starts_on, part.ends_on)
    return {
        "agreement": tuple(getattr(agreement, name) for name in ("round_id", "person_id", "organisation_id", "state")),
        "since": agreement.state_since,
        "part": (part.number, part.posting_id, part.assessor_id, *days, part.state, part.is_last),
        "version": (version.number, version.is_current, version.created_at),
        "parties": parties,
        "competencies": list(held),
    }


@pytest.mark.parametrize("second_review", [False, True])
def test_many_are_opened_exactly_as_one_is(place, second_review):
    staff(place, 3)
    PostingFactory(organisation=place.unit, assessor=place.deputy, starts_on=datetime.date(2013, 1, 15))
    Round.objects.update(second_review=second_review)
    managers = CompetencySetFactory(title="ผู้บริหาร", competencies=[("core", "ภาวะผู้นำ")])
    RoundCompetencySet.objects.create(round=place.round, position_type="อำนวยการ", competency_set=managers)

    open_all(place)
    many = {one.person_id: facts(one) for one in Agreement.objects.all()}
    postings = {one.user_id: one for one in Posting.objects.exclude(assessor=None)}
    another = RoundFactory(organisation=place.province, number=2, second_review=second_review)
    RoundCompetencySet.objects.create(round=another, position_type="อำนวยการ", competency_set=managers)
    Round.objects.filter(pk=another.pk).update(competency_set=place.round.competency_set)
    another.refresh_from_db()
    alone = {key: facts(services.open_agreement(another, one, by=place.hr, at=NOON)) for key, one in postings.items()}
    for told in alone.values():
        told["agreement"] = (place.round.pk, *told["agreement"][1:])

    assert len(many) == 6
    assert many == alone
    head = Agreement.objects.get(round=place.round, person=place.head.user)
    assert [row.name for row in AgreedCompetency.objects.filter(version__part__agreement=head)] == ["ภาวะผู้นำ"]
    capacities = set(
        Party.objects.filter(version__part__agreement__round=place.round).values_list("capacity", flat=True)
    )
    assert ("reviewer_2" in capacities) == second_review


def test_opening_begins_the_round_and_leaves_one_entry_of_all_in_the_log(place):
    staff(place, 2)

    job = open_all(place)

    assert (place.round.status, job.state, job.outcome) == (
        "open", "done", {"opened": 4, "left_out": {"no_assessor": 1, "no_posting": 1}},
    )  # fmt: skip
    begun, opened = Event.objects.order_by("number")
    assert (begun.verb, opened.verb, opened.actor) == ("round.begun", "open", place.hr)
    assert set(opened.batch.all()) == set(Agreement.objects.all())
    assert log_check.check([place.province]).findings == ()


def test_done_again_it_opens_who_came_meanwhile_and_touches_nothing_else(place):
    staff(place, 2)
    open_all(place)
    before = list(Agreement.objects.order_by("pk").values())
    (late,) = staff(place, starts_on=datetime.date(2013, 2, 1))

    job = open_all(place)

    assert job.outcome["opened"] == 1
    assert list(Agreement.objects.exclude(person=late.user).order_by("pk").values()) == before
    assert Agreement.objects.get(person=late.user).parts.get().starts_on == datetime.date(2013, 2, 1)
    assert open_all(place).outcome["opened"] == 0


def test_late_joiners_are_opened_one_by_one(place):
    one, _other = staff(place, 2)
    Round.objects.update(status="open")

    open_all(place, people=[one.user_id])

    assert [agreement.person for agreement in Agreement.objects.all()] == [one.user]


def test_who_started_meanwhile_keeps_theirs(place):
    (one,) = staff(place)
    Round.objects.update(status="open")
    job = opening.begin(place.round, by=place.hr, at=NOON, now=timezone.now())
    real = opening.OPEN_ROUND.prepare

    def started_meanwhile(*told):
        prepared = real(*told)
        services.open_agreement(Round.objects.get(pk=place.round.pk), one, by=one.user, at=NOON)
        return prepared

    claimed = jobs.claim(job.pk, now=timezone.now())
    prepared = started_meanwhile(claimed, NOON, jobs.Progress(job=claimed, clock=timezone.now))
    outcome = opening.OPEN_ROUND.complete(claimed, NOON, prepared)

    assert outcome["opened"] == 2
    assert Agreement.objects.filter(person=one.user).count() == 1


def test_killed_in_the_middle_nothing_is_there_and_done_again_everything(place, monkeypatch):
    staff(place, 3)
    monkeypatch.setattr(opening, "CHUNK", 2)
    real, calls = opening.Writer.open, []

    def dies(self, keys):
        calls.append(keys)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(self, keys)

    monkeypatch.setattr(opening.Writer, "open", dies)
    job = opening.begin(place.round, by=place.hr, at=NOON, now=timezone.now())
    with pytest.raises(KeyboardInterrupt):
        jobs.run(job.pk, clock=timezone.now, at=NOON)
    assert (Agreement.objects.count(), Job.objects.get().state) == (0, "running")

    later = timezone.now() + datetime.timedelta(hours=1)
    assert jobs.give_back(job.pk, now=later)
    jobs.run(job.pk, clock=timezone.now, at=NOON)

    job.refresh_from_db()
    assert (job.state, job.attempts, job.outcome["opened"], Agreement.objects.count()) == ("done", 2, 5, 5)


def test_hr_whose_role_was_taken_meanwhile_opens_nothing(place):
    job = opening.begin(place.round, by=place.hr, at=NOON, now=timezone.now())
    place.hr.roles.all().delete()

    jobs.run(job.pk, clock=timezone.now, at=NOON)

    job.refresh_from_db()
    assert (job.state, job.fault, Agreement.objects.count()) == ("failed", _("This is not yours to do."), 0)


def test_a_closed_round_is_opened_for_nobody(place):
    Round.objects.update(status="closed")

    with pytest.raises(opening.OpeningRefused):
        opening.begin(place.round, by=place.hr, at=NOON, now=timezone.now())


def statements(place, count):
    staff(place, count)
    with CaptureQueriesContext(connection) as captured:
        job = open_all(place)
    assert job.outcome["opened"] >= count
    return len(captured)


def test_a_hundred_are_opened_in_as_many_statements_as_one(place):
    staff(place)
    open_all(place)

    few = statements(place, 3)
    many = statements(place, 100)

    # SQLite takes 999 values a statement, so that long rows come in a few.
    assert many - few < 10


# --- From which framework --------------------------------------------------------------------------------------------
def test_the_frameworks_of_a_unit_are_those_that_give_it_indicators(place):
    given = FrameworkFactory(organisation=place.province)
    IndicatorFactory(
        framework=given, definition=IndicatorFactory.definition.function() | {"assigned_units": ["general"]}
    )
    not_given = FrameworkFactory(organisation=place.province)
    IndicatorFactory(framework=not_given)
    elsewhere = FrameworkFactory(organisation=OrganisationFactory())
    IndicatorFactory(framework=elsewhere)
    other = OrganisationFactory(parent=place.province, kind="group", unit_code="legal")

    found = opening.frameworks_by_unit(place.round, [place.province, place.unit, other])

    assert found == {
        place.province.pk: sorted([given.code, not_given.code]), place.unit.pk: [given.code], other.pk: [],
    }  # fmt: skip
    # The oracle: what is offered to choose from.
    for unit in (place.province, place.unit, other):
        offered = services.indicators_given_to(unit, place.round)
        assert found[unit.pk] == sorted({one.framework.code for one in offered})


def test_a_round_keeps_its_competency_sets(place):
    chosen = CompetencySetFactory()
    RoundCompetencySet.objects.create(round=place.round, position_type="บริหาร", competency_set=chosen)

    with pytest.raises(ProtectedError):
        chosen.delete()
