"""Ways through an agreement that was split, for tests that need one somewhere on it."""

import datetime
from dataclasses import replace

from agreements import actions
from agreements.models import Capacity, State, Version
from agreements.services import agreements as services, content as contents, plans, results, signing, splits
from tests.factories import NOON, OrganisationFactory, PostingFactory
from tests.walks import Office, bring_to, office

# The 91st day of a round of 182: 90 days before it (31 + 30 + 29), 92 from it on (2 + 31 + 28 + 31).
DAY = datetime.date(2012, 12, 30)
WHY = "คำสั่งย้ายที่ 12/2555"


def moved(place: Office):
    """Return a position of the assessee in another unit, with its assessor, who is assessed by the same reviewer."""
    unit = OrganisationFactory(parent=place.province, kind="group", unit_code="general")
    head = place.posting.assessor.assessor
    above = PostingFactory(organisation=unit, level="ชำนาญการพิเศษ", title="หัวหน้ากลุ่มงาน", assessor=head)
    type(place.posting).objects.filter(pk=place.posting.pk).update(ends_on=DAY - datetime.timedelta(days=1))
    return PostingFactory(user=place.assessee, organisation=unit, starts_on=DAY, assessor=above)


def split(place: Office, **given):
    """Split the office's agreement at DAY; return the version of the new part."""
    posting = given.pop("posting", None) or moved(place)
    terms = {"on": DAY, "assessor": posting.assessor, "start": splits.Start.COPY, "reason": WHY, "by": place.hr}
    last = Version.objects.current().get(part__agreement=place.agreement, part__is_last=True)
    return splits.split(last, **(terms | {"posting": posting, "at": NOON} | given))


def was_split(state=State.AGREED, **fields) -> Office:
    """Return an office whose agreement was split when its first part stood in `state`."""
    place = bring_to(office(**fields), state)
    split(place)
    place.agreement.refresh_from_db()
    return place


def at(place: Office, number: int) -> Version:
    """Return the current version of a part, read anew."""
    return Version.objects.select_related("part__agreement__round", "part__agreement__organisation").get(
        part__agreement=place.agreement, part__number=number, is_current=True
    )


def assessor_of(version: Version):
    """Return who assesses a part."""
    return version.parties.get(capacity=Capacity.ASSESSOR).user


def sign(version: Version, action, by, **answer):
    """Sign as the check page does."""
    shown = contents.hash_of(signing.content_to_sign(version, action))
    return signing.sign_off(version, action, by=by, shown=shown, at=NOON, **answer)


def bring_part(place: Office, number: int, state: State, *, value="90", short=0) -> Office:
    """Walk a part from where it stands to `state`; `short` competency levels below the expected ones."""
    steps = {
        State.PROPOSED: lambda part: sign(part, actions.PROPOSE, place.assessee),
        State.AGREED: lambda part: sign(part, actions.AGREE, assessor_of(part)),
        State.REPORTED: lambda part: _report(part, place, value),
        State.ASSESSED: lambda part: _assess(part, short),
    }
    order = list(State)
    here = order.index(State(at(place, number).part.state))
    for step in order[here + 1 : order.index(state) + 1]:
        steps[step](at(place, number))
    place.agreement.refresh_from_db()
    return replace(place)


def _report(part, place, value):
    for item in results.open_book(part).leaves:
        results.enter(part, item, {"value": value}, note="", by=place.assessee, at=NOON)
    results.report(part, by=place.assessee, at=NOON)


def _assess(part, short):
    by = assessor_of(part)
    for item in results.open_book(part).leaves:
        results.accept(part, item, by=by, at=NOON)
    results.observe(part, {row.order: row.expected - short for row in part.competencies.all()}, by=by)
    book = results.open_book(part)
    due = plans.plan_due(book, results.scores_of(book, "assessor"))
    words = {"method": "อบรม", "period": "เม.ย. 2556", "measure": "ผ่านการทดสอบ"}
    rows = [
        {"about_item": one.about_item, "about_competency": one.about_competency, "need": one.title} | words
        for one in due
    ]
    plans.write_plan(part, rows, by=by)
    sign(part, actions.ASSESS, by)


def bring_whole(place: Office, state: State) -> Office:
    """Walk the whole from assessed to `state`."""

    def last():
        return at(place, place.agreement.parts.get(is_last=True).number)

    steps = {
        State.RELEASED: lambda: services.act(last(), actions.RELEASE, by=place.hr, at=NOON),
        State.ACKNOWLEDGED: lambda: sign(last(), actions.ACKNOWLEDGE, place.assessee),
        State.REVIEWED: lambda: sign(last(), actions.REVIEW, place.reviewer, decision="agrees"),
        State.CLOSED: lambda: services.act(last(), actions.CLOSE, by=place.hr, at=NOON),
    }
    order = list(State)
    place.agreement.refresh_from_db()
    for step in order[order.index(State(place.agreement.state)) + 1 : order.index(state) + 1]:
        steps[step]()
    place.agreement.refresh_from_db()
    return place
