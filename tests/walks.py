"""Ways through a round by the real services, for tests that need an agreement somewhere on it."""

from dataclasses import dataclass, replace

from agreements import actions
from agreements.models import MAIN_LINE, Agreement, Capacity, Party, Round, State, User, Version
from agreements.services import (
    agreements as services,
    content as contents,
    organisation_agreements,
    parties,
    plans,
    refusals,
    results,
    signing,
    states,
)
from tests.factories import (
    GRADES_ON_TOTAL,
    NOON,
    OCTOBER,
    SEPTEMBER,
    FrameworkFactory,
    IndicatorFactory,
    OrganisationFactory,
    PostingFactory,
    RoleFactory,
    RoundFactory,
)


@dataclass
class Office:
    """A province with a unit, an assessee in it, those above, and an HR officer."""

    province: object
    unit: object
    round: Round
    framework: object
    indicators: list
    assessee: User
    assessor: User
    reviewer: User
    hr: User
    posting: object
    agreement: Agreement
    # Of an office with everybody that a form has a place for.
    commentator: User | None = None
    reviewer_2: User | None = None
    witness: User | None = None

    @property
    def version(self) -> Version:
        """The current version, read anew."""
        return Version.objects.select_related("part__agreement__round", "part__agreement__organisation").get(
            part__agreement=self.agreement, is_current=True
        )


def office(*, indicators=1, **round_fields) -> Office:
    """Return an office whose assessee has an open, empty agreement."""
    province = OrganisationFactory()
    unit = OrganisationFactory(parent=province, kind="group", unit_code="general")
    round_ = RoundFactory(organisation=province, **round_fields)
    framework = FrameworkFactory(organisation=province)
    weight = str(100 // max(indicators, 1))
    given = [
        IndicatorFactory(
            framework=framework,
            weight=weight,
            definition=IndicatorFactory.definition.function() | {"assigned_units": ["general"]},
        )
        for _ in range(indicators)
    ]
    head = PostingFactory(organisation=province, title="ท้องถิ่นจังหวัด", position_type="อำนวยการ", level="อำนวยการสูง")
    above = PostingFactory(organisation=unit, level="ชำนาญการพิเศษ", assessor=head)
    posting = PostingFactory(organisation=unit, assessor=above)
    hr = RoleFactory(organisation=province).user
    agreement = services.open_agreement(round_, posting, by=posting.user, at=NOON)
    return Office(province, unit, round_, framework, given, posting.user, above.user, head.user, hr, posting, agreement)


def full_office(**round_fields) -> Office:
    """Return an office whose agreement has a commentator and two reviewers, and where somebody may bear witness."""
    place = office(second_review=True, **round_fields)
    head = place.posting.assessor.assessor
    head.assessor = PostingFactory(organisation=place.province, title="ผู้ว่าราชการจังหวัด", position_type="บริหาร")
    head.save()
    Party.objects.create(
        version=place.version,
        capacity=Capacity.REVIEWER_2,
        user=head.assessor.user,
        name="ผู้ว่าราชการจังหวัด",
        title="ผู้ว่าฯ",
    )
    there = PostingFactory(organisation=place.province, title="ปลัดอำเภอ")
    told = {"by": place.hr, "reason": "ช่วยราชการ", "at": NOON}
    parties.replace_party(place.version, Capacity.COMMENTATOR, there, **told)
    witness = PostingFactory(organisation=place.unit).user
    return replace(place, commentator=there.user, reviewer_2=head.assessor.user, witness=witness)


def name_witness(place: Office) -> None:
    """Record that the assessee does not sign, with the office's witness."""
    refusals.record_refusal(
        place.version, witness=place.witness.postings.get(), told_on=NOON.date(), by=place.assessor, at=NOON
    )


def colleague(place: Office) -> Office:
    """Return the same office as another assessee of the same assessor sees it, with an open, empty agreement."""
    posting = PostingFactory(organisation=place.unit, assessor=place.posting.assessor)
    agreement = services.open_agreement(place.round, posting, by=posting.user, at=NOON)
    return replace(place, posting=posting, assessee=posting.user, agreement=agreement)


def choose_all(place: Office) -> None:
    """Choose every indicator given."""
    services.choose_indicators(place.version, place.indicators, by=place.assessee, at=NOON)


def sign(place: Office, action: actions.Action, by: User, **answer) -> None:
    """Sign `action` as the check page does, over the content as it is."""
    shown = contents.hash_of(signing.content_to_sign(place.version, action))
    signing.sign_off(place.version, action, by=by, shown=shown, at=NOON, **answer)


def enter_all(place: Office, value="90") -> None:
    """Enter the same measured value for every item."""
    for item in results.open_book(place.version).leaves:
        results.enter(place.version, item, {"value": value}, note="", by=place.assessee, at=NOON)


def judge_all(place: Office) -> None:
    """Accept every result, find every competency as expected, write the plan rows that are due."""
    for item in results.open_book(place.version).leaves:
        results.accept(place.version, item, by=place.assessor, at=NOON)
    levels = {row.order: row.expected for row in place.version.competencies.all()}
    results.observe(place.version, levels, by=place.assessor)
    book = results.open_book(place.version)
    due = plans.plan_due(book, results.scores_of(book, "assessor"))
    plans.write_plan(
        place.version,
        [
            {
                "about_item": one.about_item,
                "about_competency": one.about_competency,
                "need": one.title,
                "method": "อบรม",
                "period": "เม.ย. 2556",
                "measure": "ผ่านการทดสอบ",
            }
            for one in due
        ],
        by=place.assessor,
    )


def bring_to(place: Office, state: State, *, value="90") -> Office:
    """Walk the office's agreement from where it stands to `state` by the services."""
    steps = {
        State.PROPOSED: lambda: (choose_all(place), sign(place, actions.PROPOSE, place.assessee)),
        State.AGREED: lambda: (
            comment(place, actions.COMMENT_START),
            bear_witness(place),
            sign(place, actions.AGREE, place.assessor),
        ),
        State.REPORTED: lambda: (
            enter_all(place, value),
            results.report(place.version, by=place.assessee, at=NOON),
        ),
        State.ASSESSED: lambda: (
            comment(place, actions.COMMENT_RESULT),
            judge_all(place),
            sign(place, actions.ASSESS, place.assessor),
        ),
        State.RELEASED: lambda: release(place),
        State.ACKNOWLEDGED: lambda: sign(place, actions.ACKNOWLEDGE, place.assessee),
        State.REVIEWED: lambda: review(place),
        State.CLOSED: lambda: services.act(place.version, actions.CLOSE, by=place.hr, at=NOON),
    }
    place.agreement.refresh_from_db()
    if state == State.ENDED:
        if place.agreement.state == State.DRAFT:
            bring_to(place, State.REPORTED, value=value)
        states.end(place.version, by=place.hr, because="resigned", reason="ลาออก", at=NOON)
        place.agreement.refresh_from_db()
        return place
    order = list(MAIN_LINE)
    for step in order[order.index(State(place.agreement.state)) + 1 : order.index(State(state)) + 1]:
        steps[step]()
    place.agreement.refresh_from_db()
    return place


def ready_to_sign(action: actions.Action) -> tuple[Office, User]:
    """Return an office in which `action` is awaited now, and whose signature it is."""
    if action in actions.WITNESSES_START:
        place = bring_to(municipality(witnesses=4), action.source)
        return place, place.version.parties.select_related("user").get(capacity=action.capacity).user
    beside = {actions.COMMENT_START, actions.COMMENT_RESULT, actions.WITNESS, actions.REVIEW_2}
    place = bring_to(full_office() if action in beside else office(), action.source)
    if action == actions.PROPOSE:
        choose_all(place)
    if action == actions.ASSESS:
        judge_all(place)
    if action == actions.WITNESS:
        name_witness(place)
    if action == actions.REVIEW_2:
        sign(place, actions.REVIEW, place.reviewer, decision="agrees")
    return place, getattr(place, action.capacity)


def comment(place: Office, action: actions.Action) -> None:
    """Sign as commentator, where the agreement has one who has not signed."""
    if place.commentator and action in actions.allowed(place.version, place.commentator):
        sign(place, action, place.commentator, comment="เห็นควรดำเนินการ")


def bear_witness(place: Office) -> None:
    """Let the witnesses of an organisation's agreement sign who have not yet."""
    for action in actions.WITNESSES_START:
        party = place.version.parties.filter(capacity=action.capacity).select_related("user").first()
        if party and action in actions.allowed(place.version, party.user):
            sign(place, action, party.user)


def municipality(*, indicators=1, witnesses=2, **round_fields) -> Office:
    """Return a municipality whose own agreement is open: the clerk signs, the mayor agrees, some bear witness."""
    place = OrganisationFactory(kind="municipality", unit_code="general")
    bureau = OrganisationFactory(parent=place, kind="bureau")
    whole_year = {"number": 0, "starts_on": OCTOBER, "ends_on": SEPTEMBER, "subject": "organisations"}
    grades = {"grades": GRADES_ON_TOTAL, "grades_on": "5", "competency_set": None}
    round_ = RoundFactory(organisation=place, **(whole_year | grades | round_fields))
    round_.refresh_from_db()
    framework = FrameworkFactory(organisation=place, round_number=None)
    weight = str(100 // max(indicators, 1))
    given = [IndicatorFactory(framework=framework, weight=weight) for _ in range(indicators)]
    mayor = PostingFactory(organisation=place, title="นายกเทศมนตรี", position_type="")
    clerk = PostingFactory(organisation=place, title="ปลัดเทศบาล", position_type="บริหาร", assessor=mayor)
    above = PostingFactory(organisation=place, title="ผู้ว่าราชการจังหวัด", position_type="")
    seeing = [PostingFactory(organisation=place, title="รองนายกเทศมนตรี", position_type="") for _ in range(witnesses)]
    hr = RoleFactory(organisation=place).user
    agreement = organisation_agreements.open_for(
        round_, place, signs=clerk, agrees=mayor, witnesses=seeing, by=hr, at=NOON
    )
    made = Office(place, bureau, round_, framework, given, clerk.user, mayor.user, above.user, hr, clerk, agreement)
    parties.replace_party(made.version, Capacity.REVIEWER, above, by=hr, reason="จังหวัดกำกับดูแล", at=NOON)
    witness = PostingFactory(organisation=bureau).user
    return replace(made, witness=witness)


def review(place: Office) -> None:
    """Give the opinions that are wanted."""
    sign(place, actions.REVIEW, place.reviewer, decision="agrees")
    if place.reviewer_2:
        sign(place, actions.REVIEW_2, place.reviewer_2, decision="agrees")


def release(place: Office) -> None:
    """Release, where the round has not done so by itself."""
    place.agreement.refresh_from_db()
    if place.agreement.state == State.ASSESSED:
        services.act(place.version, actions.RELEASE, by=place.hr, at=NOON)
