"""Ways through a round by the real services, for tests that need an agreement somewhere on it."""

from dataclasses import dataclass, replace

from agreements import actions
from agreements.models import Agreement, Round, State, User, Version
from agreements.services import agreements as services, content as contents, plans, results, signing
from tests.factories import (
    NOON,
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
        State.AGREED: lambda: sign(place, actions.AGREE, place.assessor),
        State.REPORTED: lambda: (
            enter_all(place, value),
            results.report(place.version, by=place.assessee, at=NOON),
        ),
        State.ASSESSED: lambda: (judge_all(place), sign(place, actions.ASSESS, place.assessor)),
        State.RELEASED: lambda: release(place),
        State.ACKNOWLEDGED: lambda: sign(place, actions.ACKNOWLEDGE, place.assessee),
        State.REVIEWED: lambda: sign(place, actions.REVIEW, place.reviewer, decision="agrees"),
        State.CLOSED: lambda: services.act(place.version, actions.CLOSE, by=place.hr, at=NOON),
    }
    order = list(State)
    place.agreement.refresh_from_db()
    for step in order[order.index(State(place.agreement.state)) + 1 : order.index(State(state)) + 1]:
        steps[step]()
    place.agreement.refresh_from_db()
    return place


def release(place: Office) -> None:
    """Release, where the round has not done so by itself."""
    place.agreement.refresh_from_db()
    if place.agreement.state == State.ASSESSED:
        services.act(place.version, actions.RELEASE, by=place.hr, at=NOON)
