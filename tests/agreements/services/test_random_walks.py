"""Random walks through the table of acts by the real services: whoever tries whatever, nothing breaks.

A walk begins at one of several agreements that were walked to different states, and is undone at its end.
"""

import datetime
import os

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, seed, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from agreements import actions, predicates
from agreements.models import (
    MAIN_LINE,
    Agreement,
    Capacity,
    Checkpoint,
    Duty,
    Event,
    KeptState,
    Party,
    Posting,
    Signature,
    State,
    Version,
)
from agreements.models.states import WITNESSES_OF_AGREEMENT
from agreements.services import (
    agreements as services,
    amendments,
    batches,
    checkpoints,
    content as contents,
    duties,
    log,
    notes,
    parties,
    readings,
    refusals,
    results,
    signing,
    states,
)
from tests.factories import NOON, PostingFactory
from tests.guards import lifted
from tests.screening import member_of
from tests.walks import bring_to, choose_all, full_office, judge_all, municipality, name_witness, office, sign

pytestmark = pytest.mark.django_db

FULL = 5_000
WALKS = FULL if os.environ.get("KPI_TEST_DEPTH") == "full" else FULL // 10
# As many walks share a transaction: in a longer one PostgreSQL goes through all that the walks before left dead.
TOGETHER = 200
STEPS = 5
REFUSALS = (
    actions.NotAllowed,
    actions.NotNow,
    states.AgreementRefused,
    signing.SignOffRefused,
    results.ResultRefused,
    notes.NoteRefused,
)
SEPTEMBER = datetime.datetime(2013, 9, 27, 5, tzinfo=datetime.UTC)
PEOPLE = (
    "assessee", "assessor", "reviewer", "reviewer_2", "commentator", "witness", "witness_1", "witness_2", "hr",
    "owner", "member", "stranger",
)  # fmt: skip
# Nobody may take these on the agreement of a person.
OF_ORGANISATIONS = (*actions.WITNESSES_START, actions.CONFIRM, actions.KEEP_STATE, actions.GIVE_DUTIES)
# Drafts saving themselves are no entries of the log.
SILENT = {actions.EDIT.code, actions.ENTER.code, actions.EVALUATE.code, actions.NOTE.code, "open"}
BY_WHOM = {
    actions.is_hr: "hr",
    actions.RETURN_ASSESSMENT.who: "hr",
    actions.SCREEN.who: "member",
    **{getattr(predicates, f"is_{who}"): who for who in PEOPLE if hasattr(predicates, f"is_{who}")},
}


# --- Where walks begin -----------------------------------------------------------------------------------------------
def beginnings():
    """Return places whose agreements stand in every state, plain and with everybody that a form has a place for."""
    begun = [bring_to(office(), State.RELEASED), bring_to(office(releases_on_assessment=False), State.ENDED)]
    for state in MAIN_LINE:
        for make in (full_office, office):
            place = make(releases_on_assessment=False)
            if make is full_office:
                place.round.checks_completeness = state in (State.DRAFT, State.PROPOSED)
                place.round.save()
            if state == State.DRAFT:
                choose_all(place)
            elif state == State.REPORTED:
                judge_all(bring_to(place, state))
            else:
                bring_to(place, state)
            begun.append(place)
    told, half_reviewed = bring_to(full_office(), State.RELEASED), bring_to(full_office(), State.ACKNOWLEDGED)
    name_witness(told)
    sign(half_reviewed, actions.REVIEW, half_reviewed.reviewer, decision="agrees")
    # Small numbers are drawn most, so what is hardest to come to stands first.
    # HR has nothing to check here before the commentator is asked.
    unchecked = bring_to(full_office(releases_on_assessment=False), State.PROPOSED)
    unsigned = begun_by_municipality(State.PROPOSED, signed=False)
    begun = [told, half_reviewed, begun_before_a_committee(), unchecked, unsigned, *begun]
    # Those of organisations stand among them, so that each is drawn as often as its like.
    for number, state in enumerate(MAIN_LINE):
        begun.insert(3 * number + 1, begun_by_municipality(state))
    for place in begun:
        place.spare = PostingFactory(organisation=place.unit)
        place.witness = place.witness or PostingFactory(organisation=place.unit).user
        place.reviewer_2 = place.reviewer_2 or place.witness
        place.commentator = place.commentator or place.witness
        place.stranger = place.spare.user
        place.owner = getattr(place, "owner", place.spare.user)
        place.member = getattr(place, "member", place.witness)
        held = {party.capacity: party.user for party in place.version.parties.select_related("user")}
        place.witness_1, place.witness_2 = held.get("witness_1", place.witness), held.get("witness_2", place.witness)
    return begun


def begun_before_a_committee():
    """Return an agreement whose result the screening committee is to look at."""
    place = office(releases_on_assessment=False, has_screening=True)
    place.member = member_of(place)
    return bring_to(place, State.ASSESSED)


def begun_by_municipality(state, *, signed=True):
    """Return an organisation's agreement in `state`; half of it witnessed where it is proposed, unless not `signed`."""
    place = municipality(releases_on_assessment=False)
    if state == State.DRAFT:
        choose_all(place)
    elif state == State.REPORTED:
        judge_all(bring_to(place, state))
    else:
        bring_to(place, state)
    if state == State.PROPOSED and signed:
        sign(place, actions.WITNESS_START_1, place.version.parties.get(capacity="witness_1").user)
    elif state == State.AGREED:
        item = place.version.items.get()
        owner = PostingFactory(organisation=place.unit)
        duties.give(place.version, "owner", owner, [item], by=place.hr, at=NOON)
        results.enter(place.version, item, {"value": "77"}, note="", by=place.assessee, at=NOON)
        place.owner = owner.user
    return place


# --- What is tried ---------------------------------------------------------------------------------------------------
def edit(place, by, number):
    item = place.version.items.first()
    terms = {item.pk: services.Terms(goal=f"เป้าหมาย {number}", weight=100)} if item else {}
    services.set_terms(place.version, terms, by=by)


def enter(place, by, number):
    item = place.version.items.first()
    results.enter(place.version, item, {"value": str(60 + number % 40)}, note="", by=by, at=NOON)


def evaluate(place, by, number):
    version = place.version
    results.accept(version, version.items.first(), by=by, at=NOON)
    results.observe(version, {row.order: row.expected for row in version.competencies.all()}, by=by)


def send_back(action):
    def tried(place, by, number):
        remarks = {item.lineage: "แก้ตรงนี้" for item in place.version.items.all()} if number % 2 else {}
        reason = ["แก้ไข", "", "  "][number % 3]
        states.return_with_reason(place.version, action, by=by, reason=reason, remarks=remarks, at=NOON)

    return tried


def signs(action):
    def tried(place, by, number):
        version = place.version
        shown = contents.hash_of(signing.content_to_sign(version, action)) if number % 10 != 7 else "0" * 64
        opinions = ["agrees", "differs"] if action in (actions.REVIEW, actions.REVIEW_2) else ["signed", "signed"]
        decision = [*opinions, "agrees", *opinions, "signed"][number % 6]
        comment = "เห็นว่า" if number % 4 != 3 else ""
        signing.sign_off(version, action, by=by, shown=shown, at=NOON, decision=decision, comment=comment)

    return tried


def replace(place, by, number):
    capacity = [*parties.OF_ALL, Capacity.ASSESSEE, Capacity.WITNESS_1][number % 6]
    people = [place.spare, None, place.posting, place.posting.assessor, place.posting.assessor.assessor]
    posting = people[number // 6 % 5]
    parties.replace_party(place.version, capacity, posting, by=by, reason="เกษียณ", at=NOON)


def refuse(place, by, number):
    who = [place.witness, place.assessor, place.assessee, by][number % 4] if number % 3 == 0 else place.witness
    posting = who.postings.first() or place.spare
    told_on = NOON.date() - datetime.timedelta(days=number % 2 and number % 5 == 0)
    refusals.record_refusal(place.version, witness=posting, told_on=told_on, by=by, at=NOON)


def withdraw(action):
    return lambda place, by, number: states.withdraw(place.version, action, by=by, at=NOON)


def reopen(action):
    return lambda place, by, number: states.reopen(place.version, action, by=by, reason="แก้คะแนน", at=NOON)


def note(place, by, number):
    remark = notes.Remark(about_day=NOON.date(), text=["ทำได้ดี", ""][number % 2])
    notes.write(place.version, remark, by=by, at=NOON)


def act(action):
    return lambda place, by, number: services.act(place.version, action, by=by, at=NOON)


def give_duties(place, by, number):
    posting = [place.spare, place.posting.assessor, place.posting][number % 3]
    kind = ["collector", "owner"][number // 3 % 2]
    chosen = list(place.version.items.all()) if number % 7 else []
    duties.give(place.version, kind, posting, chosen, by=by, at=NOON)


def confirm(place, by, number):
    duties.confirm(place.version, place.version.items.first(), by=by, at=NOON)


def keep_state(place, by, number):
    at = [NOON, SEPTEMBER][number % 2]
    checkpoints.keep(place.version, Checkpoint.values[number // 2 % 3], by=by, at=at)


DEEDS = {
    "edit": edit,
    "enter": enter,
    "evaluate": evaluate,
    "report": lambda place, by, number: results.report(place.version, by=by, at=NOON),
    "pass": lambda place, by, number: batches.pass_proposals([place.version], by=by, at=NOON),
    "screen": lambda place, by, number: batches.screen([place.version], by=by, resolution="", at=NOON),
    "disagree": lambda place, by, number: states.disagree(place.version, by=by, reason="ไม่ตกลง", at=NOON),
    "replace": replace,
    "refuse": refuse,
    "end": lambda place, by, number: states.end(
        place.version, by=by, because=["resigned", "other", "x"][number % 3], reason=["", "โอน"][number % 2], at=NOON
    ),
    "amend": lambda place, by, number: amendments.amend(place.version, by=by, reason=["คำสั่ง", ""][number % 2], at=NOON),
    "abandon-amendment": lambda place, by, number: amendments.abandon(place.version, by=by, at=NOON),
    "note": note,
    "give-duties": give_duties,
    "confirm": confirm,
    "keep-state": keep_state,
    "resume": lambda place, by, number: states.resume(place.version, by=by, reason="กลับมา", at=NOON),
    "open": lambda place, by, number: readings.note(place.version, by=by, at=NOON),
    **{one.code: send_back(one) for one in actions.ACTIONS if one.code.startswith("return-")},
    **{one.code: signs(one) for one in actions.SIGNATURES},
    **{one.code: withdraw(one) for one in states.WITHDRAWALS},
    **{one.code: reopen(one) for one in states.REOPENINGS},
    **{one.code: act(one) for one in (actions.RELEASE, actions.CLOSE)},
}


# Splits have tests of their own: what is checked below is of an agreement in one part.
TRIED = set(actions.BY_CODE) - {actions.SPLIT.code}


def test_every_act_of_the_table_is_tried():
    assert set(DEEDS) == TRIED | {"open"}


# --- What must hold --------------------------------------------------------------------------------------------------
def facts(place):
    """Return everything that a refused act must leave as it was."""
    agreement = Agreement.objects.filter(pk=place.agreement.pk).values().get()
    part = place.agreement.parts.values().get()
    versions = list(Version.objects.filter(part__agreement=place.agreement).order_by("pk").values())
    current = [one["id"] for one in versions if one["is_current"]]
    return {
        "agreement": agreement,
        "part": part,
        "versions": versions,
        "duties": list(Duty.objects.filter(part=part["id"]).order_by("pk").values()),
        "kept": list(KeptState.objects.filter(part=part["id"]).order_by("pk").values()),
        "parties": list(Party.objects.filter(version__in=current).order_by("pk").values()),
        "signatures": list(
            Signature.objects.filter(version__part=part["id"])
            .order_by("pk")
            .values("id", "version_id", "signatory_id", "capacity", "stage", "content_hash", "decision", "comment",
                    "snapshot__sha256", "snapshot__content")
        ),
        "events": list(Event.objects.filter(office=place.province).order_by("-number").values()[:2]),
    }  # fmt: skip


def check(before, after, *, logged):
    """Assert what holds after every act."""
    state = after["agreement"]["ended_from"] or after["agreement"]["state"]
    assert (after["agreement"]["state"] == State.ENDED) == bool(after["agreement"]["ended_from"])
    assert after["part"]["state"] == (state if state in states.PART_STATES else State.ASSESSED)
    current = [one for one in after["versions"] if one["is_current"]]
    # The last one counts; one that was to replace it and was given up does not.
    standing = [one["number"] for one in after["versions"] if one["abandoned_at"] is None]
    assert [one["number"] for one in current] == standing[-1:]
    assert [one["number"] for one in after["versions"]] == list(range(1, len(after["versions"]) + 1))
    # Neither is a state that was kept.
    assert after["kept"][: len(before["kept"])] == before["kept"]
    # Signatures are never taken away or changed, and each stands under exactly what it signed.
    assert after["signatures"][: len(before["signatures"])] == before["signatures"]
    for one in after["signatures"][len(before["signatures"]) :]:
        assert one["content_hash"] == one["snapshot__sha256"] == log.digest(one["snapshot__content"])
    for names in (("version_id", "signatory_id", "stage"), ("version_id", "capacity", "stage")):
        keys = [tuple(one[name] for name in names) for one in after["signatures"]]
        assert len(keys) == len(set(keys))
    _check_parties(after)
    _check_signatures_of(state, current[0], after)
    _check_log(before["events"], after["events"], logged=logged)


def _check_parties(after):
    users = [one["user_id"] for one in after["parties"]]
    assert len(users) == len(set(users))
    by_capacity = {one["capacity"]: one["user_id"] for one in after["parties"]}
    if after["agreement"]["person_id"] is None:
        assert by_capacity["assessee"] == Posting.objects.values_list("user", flat=True).get(
            pk=after["part"]["posting_id"]
        )
    else:
        assert by_capacity["assessee"] == after["agreement"]["person_id"]
    assert by_capacity["assessor"] == Posting.objects.values_list("user", flat=True).get(
        pk=after["part"]["assessor_id"]
    )


def _check_signatures_of(state, version, after):
    """Assert that no state was reached without the signatures that lead to it."""
    held = {
        (one["capacity"], one["stage"])
        for one in after["signatures"]
        if one["version_id"] == version["id"]
        or (one["stage"] == "agree" and one["version_id"] == version["agreed_in_id"])
    }
    have = {one["capacity"] for one in after["parties"]}
    reached = MAIN_LINE.index(State(state))

    def past(one):
        return reached >= MAIN_LINE.index(one)

    if past(State.PROPOSED):
        assert ("assessee", "agree") in held
    if past(State.AGREED):
        assert ("assessor", "agree") in held
        assert {(one, "agree") for one in have & set(WITNESSES_OF_AGREEMENT)} <= held
    if past(State.ASSESSED):
        assert ("assessor", "result") in held
        assert "commentator" not in have or ("commentator", "result") in held
    if past(State.ACKNOWLEDGED):
        assert held & {("assessee", "result"), ("witness", "result")}
    if past(State.REVIEWED):
        assert {(one, "result") for one in have & {"reviewer", "reviewer_2"}} <= held


def _check_log(before, after, *, logged):
    assert after[0]["number"] - before[0]["number"] == logged
    if logged == 1:
        assert after[0]["previous_hash"] == before[0]["own_hash"]
        assert after[1] == before[0]


class Walk(RuleBasedStateMachine):
    """One walk from one of the beginnings, undone at its end."""

    places = ()
    taken = None

    def __init__(self):
        super().__init__()
        self.before = transaction.savepoint()

    def teardown(self):
        transaction.savepoint_rollback(self.before)

    @initialize(number=st.integers(0, 10_000))
    def begin(self, number):
        self.place = self.places[number % len(self.places)]
        self.facts = facts(self.place)

    @rule(number=st.integers(0, 10_000))
    def somebody_tries_what_the_state_suggests(self, number):
        state = self.facts["agreement"]["state"]
        is_persons = self.facts["agreement"]["person_id"] is not None
        fitting = [
            one
            for one in actions.ACTIONS
            if state in one.sources and one.code in DEEDS and not (is_persons and one in OF_ORGANISATIONS)
        ]
        action = fitting[number % len(fitting)]
        who = BY_WHOM.get(action.who, "assessor" if number // 7 % 2 else "assessee")
        self.attempt(action.code, who, number // len(fitting))

    @rule(code=st.sampled_from(sorted(DEEDS)), who=st.sampled_from(PEOPLE), number=st.integers(0, 10_000))
    def anybody_tries_anything(self, code, who, number):
        self.attempt(code, who, number)

    def attempt(self, code, who, number):
        """Let somebody try an act; done or refused, everything that must hold holds."""
        before, by = self.facts, getattr(self.place, who)
        try:
            DEEDS[code](self.place, by, number)
        except REFUSALS:
            after = facts(self.place)
            assert after == before
            self.taken[code, "refused"] = self.taken.get((code, "refused"), 0) + 1
            return
        after = facts(self.place)
        self.taken[code, "done"] = self.taken.get((code, "done"), 0) + 1
        assert code == "open" or by.pk != self.stranger_of(after)
        at_once = self.place.round.releases_on_assessment and code == actions.ASSESS.code
        check(before, after, logged=0 if code in SILENT else 2 if at_once else 1)
        ended = before["agreement"]["state"] == State.ENDED
        assert not ended or code in {"resume", "open"}
        self.facts = after

    def stranger_of(self, after):
        """Return the stranger, unless HR named them a party meanwhile."""
        stranger = self.place.stranger.pk
        named = {one["user_id"] for one in [*self.facts["parties"], *after["parties"]]}
        return None if stranger in named else stranger


def walk(places, walks, *, begun=0):
    """Run so many walks, ``begun`` having been walked before; return how often each act was done and refused."""
    machine = type("Walk", (Walk,), {"places": places, "taken": {}})
    # Seeded by their number: each lot walks elsewhere, and the same everywhere. Left alone, Hypothesis draws every
    # lot alike where it believes to be in continuous integration, and differently each time elsewhere.
    seed(begun)(machine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return machine.taken


@pytest.mark.django_db(transaction=True)
def test_random_walks_break_no_invariant():
    taken = set()
    for begun in range(0, WALKS, TOGETHER):
        with transaction.atomic():
            taken |= walk(beginnings(), min(TOGETHER, WALKS - begun), begun=begun).keys()
            transaction.set_rollback(True)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM")

    # Walks that did nothing would prove nothing: nearly every act was done at times, and refused at times.
    done, refused = ({code for code, how in taken if how == which} for which in ("done", "refused"))
    spared = 0 if WALKS == FULL else len(DEEDS) // 4
    # The walks' offices have two witnesses; the third and the fourth sign by the same line of the table.
    absent = {action.code for action in actions.WITNESSES_START[2:]}
    for missing in (DEEDS.keys() - done - absent, TRIED - refused - absent):
        assert len(missing) <= spared, missing


def test_control_walks_find_it_when_anybody_may_do_anything(monkeypatch):
    monkeypatch.setattr(actions, "demand", lambda action, version, user: None)
    place = office()
    before = facts(place)
    services.act(place.version, actions.CLOSE, by=place.assessee, at=NOON)

    with pytest.raises(AssertionError):
        check(before, facts(place), logged=1)


def test_control_walks_find_it_when_a_signature_is_taken_away(monkeypatch):
    real = states.return_with_reason

    def forgetful(version, action, **told):
        with lifted():
            gone = Signature.objects.filter(version=version)
            Event.objects.filter(signature__in=gone).update(signature=None)
            gone.delete()
        return real(version, action, **told)

    monkeypatch.setattr(states, "return_with_reason", forgetful)
    place = bring_to(office(), State.PROPOSED)
    before = facts(place)
    states.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="แก้", at=NOON)

    with pytest.raises(AssertionError):
        check(before, facts(place), logged=1)
