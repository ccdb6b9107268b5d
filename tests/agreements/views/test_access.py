"""Every address asked by everybody: 404 for what one may not see, 403 for an act one may not do on what one sees."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import get_resolver, reverse

from agreements.models import Agreement, Evidence, Framework, Note, Role, State
from agreements.models.agreements import AgreementQuerySet
from agreements.services import evidence as evidence_service, notes
from tests.factories import NOON, DraftFactory, OrganisationFactory, PostingFactory, RoleFactory, drafted, made_whole
from tests.library import publish_library, template
from tests.walks import bring_to, choose_all, office

pytestmark = pytest.mark.django_db

SIGN_IN = "sign-in"
READERS = ("anonymous", "stranger", "colleague", "assessee", "assessor", "reviewer", "hr", "executive", "editor")


def row(stranger, colleague, assessee, assessor, reviewer, hr, executive, editor, *, anonymous=SIGN_IN):
    """Return the answers in the order of READERS."""
    return (anonymous, stranger, colleague, assessee, assessor, reviewer, hr, executive, editor)


EVERYBODY = row(200, 200, 200, 200, 200, 200, 200, 200)
# Who sees the agreement: its parties and HR. Executives follow progress, never a person's result.
SEES = row(404, 404, 200, 200, 200, 200, 404, 404)
EDITS = row(404, 404, 200, 200, 403, 403, 404, 404)
ENTERS = row(404, 404, 200, 403, 403, 403, 404, 404)
EVALUATES = row(404, 404, 403, 200, 403, 403, 404, 404)
HR_OF_IT = row(404, 404, 403, 403, 403, 200, 404, 404)
NOBODY_OF_THEM = row(404, 404, 403, 403, 403, 403, 404, 404)
PRIVATE = row(404, 404, 404, 200, 404, 404, 404, 404)
FOLLOWS = row(404, 404, 404, 404, 404, 200, 200, 404)
# The pages of HR; the stranger is HR of another office, and sees its own people there and nobody else's.
HR_ONLY = row(200, 404, 404, 404, 404, 200, 404, 404)
LOOKS_AFTER = row(404, 404, 404, 404, 404, 200, 404, 404)
OF_THE_OFFICE = row(404, 200, 200, 200, 200, 200, 200, 200)
# A draft is seen by those alone who may write it.
EDITORS = row(404, 404, 404, 404, 404, 404, 404, 200)
UPLOADS = row(403, 403, 403, 403, 403, 403, 403, 200)
# Another's upload, or none: only its sender knows of it (test_framework_files).
UPLOADED = row(403, 403, 403, 403, 403, 403, 403, 404)
OF_THE_OFFICE = row(404, 200, 200, 200, 200, 200, 200, 200)
# A draft is seen by those alone who may write it.
EDITORS = row(404, 404, 404, 404, 404, 404, 404, 200)
PUBLIC = row(200, 200, 200, 200, 200, 200, 200, 200, anonymous=200)


def post(assessee=403, assessor=403, reviewer=403, hr=403):
    """Return the answers to a POST that whoever may do it is redirected after; empty forms answer 200."""
    return row(404, 404, assessee, assessor, reviewer, hr, 404, 404)


# name, method, the state the agreement is in, the answers
TABLE = [
    ("agreements:work", "get", State.DRAFT, EVERYBODY),
    ("agreements:agreements", "get", State.DRAFT, EVERYBODY),
    ("agreements:rounds", "get", State.DRAFT, EVERYBODY),
    ("agreements:round", "get", State.DRAFT, FOLLOWS),
    ("agreements:check-round", "get", State.PROPOSED, LOOKS_AFTER),
    ("agreements:check-round", "post", State.PROPOSED, LOOKS_AFTER),
    ("agreements:release-round", "get", State.ASSESSED, LOOKS_AFTER),
    ("agreements:release-round", "post", State.ASSESSED, LOOKS_AFTER),
    ("agreements:start", "post", State.DRAFT, row(302, 302, 302, 302, 302, 302, 302, 302)),
    ("agreements:agreement", "get", State.DRAFT, SEES),
    ("agreements:agreement", "get", State.CLOSED, SEES),
    ("agreements:earlier-version", "get", State.AGREED, SEES),
    ("agreements:items", "get", State.DRAFT, EDITS),
    ("agreements:items", "post", State.DRAFT, post(assessee=302, assessor=302)),
    ("agreements:choose", "get", State.DRAFT, EDITS),
    ("agreements:choose", "post", State.DRAFT, post(assessee=200, assessor=200)),
    ("agreements:own-indicator", "get", State.DRAFT, EDITS),
    ("agreements:own-indicator", "post", State.DRAFT, post(assessee=200, assessor=200)),
    ("agreements:rewrite-indicator", "get", State.DRAFT, EDITS),
    ("agreements:rewrite-indicator", "post", State.DRAFT, post(assessee=200, assessor=200)),
    # The item of the table has its sub-indicators given, so there is no such page; who may not edit is told so first.
    ("agreements:own-sub-indicator", "get", State.DRAFT, row(404, 404, 404, 404, 403, 403, 404, 404)),
    ("agreements:library", "get", State.DRAFT, EDITS),
    ("agreements:library-template", "get", State.DRAFT, EDITS),
    ("agreements:library-template", "post", State.DRAFT, post(assessee=302, assessor=302)),
    ("agreements:fill", "get", State.DRAFT, row(404, 404, 302, 302, 403, 403, 404, 404)),
    ("agreements:fill", "post", State.DRAFT, post(assessee=302, assessor=302)),
    ("agreements:remove-item", "post", State.DRAFT, post(assessee=302, assessor=302)),
    ("agreements:competencies", "get", State.DRAFT, EDITS),
    ("agreements:competencies", "post", State.DRAFT, post(assessee=200, assessor=200)),
    ("agreements:results", "get", State.AGREED, ENTERS),
    ("agreements:result", "get", State.AGREED, ENTERS),
    ("agreements:result", "post", State.AGREED, post(assessee=302)),
    ("agreements:attach", "post", State.AGREED, post(assessee=302)),
    ("agreements:detach", "post", State.AGREED, post(assessee=302)),
    ("agreements:report", "post", State.AGREED, post(assessee=302)),
    ("agreements:what-if-first", "get", State.AGREED, row(404, 404, 302, 302, 302, 302, 404, 404)),
    ("agreements:what-if", "get", State.AGREED, SEES),
    ("agreements:assessment", "get", State.REPORTED, EVALUATES),
    ("agreements:assess-item", "get", State.REPORTED, EVALUATES),
    ("agreements:assess-item", "post", State.REPORTED, post(assessor=200)),
    ("agreements:observed", "get", State.REPORTED, EVALUATES),
    ("agreements:observed", "post", State.REPORTED, post(assessor=302)),
    ("agreements:plan", "get", State.REPORTED, EVALUATES),
    ("agreements:plan", "post", State.REPORTED, post(assessor=302)),
    ("agreements:check propose", "get", State.DRAFT, ENTERS),
    ("agreements:check propose", "post", State.DRAFT, post(assessee=200)),
    ("agreements:check agree", "get", State.PROPOSED, EVALUATES),
    ("agreements:check agree", "post", State.PROPOSED, post(assessor=200)),
    ("agreements:check assess", "get", State.REPORTED, EVALUATES),
    ("agreements:check assess", "post", State.REPORTED, post(assessor=200)),
    ("agreements:check acknowledge", "get", State.RELEASED, ENTERS),
    ("agreements:check acknowledge", "post", State.RELEASED, post(assessee=200)),
    ("agreements:check review", "get", State.ACKNOWLEDGED, row(404, 404, 403, 403, 200, 403, 404, 404)),
    ("agreements:check review", "post", State.ACKNOWLEDGED, post(reviewer=200)),
    ("agreements:return return-proposal", "get", State.PROPOSED, EVALUATES),
    ("agreements:return return-proposal", "post", State.PROPOSED, post(assessor=200)),
    ("agreements:return return-incomplete", "get", State.PROPOSED, HR_OF_IT),
    ("agreements:return return-incomplete", "post", State.PROPOSED, HR_OF_IT),
    ("agreements:check comment-agreement", "get", State.PROPOSED, NOBODY_OF_THEM),
    ("agreements:check comment-result", "post", State.REPORTED, NOBODY_OF_THEM),
    ("agreements:check witness", "get", State.RELEASED, NOBODY_OF_THEM),
    ("agreements:check review-2", "post", State.ACKNOWLEDGED, NOBODY_OF_THEM),
    ("agreements:act pass", "post", State.PROPOSED, post(hr=302)),
    ("agreements:act withdraw-proposal", "post", State.PROPOSED, post(assessee=302)),
    ("agreements:act withdraw-report", "post", State.REPORTED, post(assessee=302)),
    ("agreements:act withdraw-assessment", "post", State.ASSESSED, post(assessor=302)),
    ("agreements:reasoned disagree", "get", State.DRAFT, EDITS),
    ("agreements:reasoned disagree", "post", State.DRAFT, EDITS),
    ("agreements:reasoned reopen-assessment", "get", State.CLOSED, HR_OF_IT),
    ("agreements:reasoned reopen-report", "post", State.CLOSED, HR_OF_IT),
    ("agreements:reasoned end", "get", State.DRAFT, HR_OF_IT),
    ("agreements:reasoned end", "post", State.DRAFT, HR_OF_IT),
    ("agreements:reasoned resume", "get", State.ENDED, HR_OF_IT),
    ("agreements:agreement", "get", State.ENDED, SEES),
    ("agreements:parties", "get", State.DRAFT, HR_OF_IT),
    ("agreements:replace-party assessor", "get", State.DRAFT, HR_OF_IT),
    ("agreements:replace-party assessor", "post", State.DRAFT, HR_OF_IT),
    ("agreements:refusal", "get", State.RELEASED, row(404, 404, 403, 200, 403, 200, 404, 404)),
    ("agreements:refusal", "post", State.RELEASED, row(404, 404, 403, 200, 403, 200, 404, 404)),
    ("agreements:return return-report", "get", State.REPORTED, EVALUATES),
    ("agreements:return return-report", "post", State.REPORTED, post(assessor=200)),
    ("agreements:return return-assessment", "get", State.ASSESSED, row(404, 404, 403, 403, 403, 200, 404, 404)),
    ("agreements:return return-assessment", "post", State.ASSESSED, post(hr=200)),
    ("agreements:act release", "post", State.ASSESSED, post(hr=302)),
    ("agreements:act close", "post", State.REVIEWED, post(hr=302)),
    ("agreements:evidence", "get", State.REPORTED, SEES),
    ("agreements:split", "get", State.AGREED, row(404, 404, 403, 403, 403, 200, 404, 404)),
    ("agreements:split", "post", State.AGREED, post(hr=200)),
    ("agreements:amend", "get", State.AGREED, EDITS),
    ("agreements:amend", "post", State.AGREED, post(assessee=200, assessor=200)),
    ("agreements:amendments", "get", State.AGREED, SEES),
    # Nothing is amended in the table (test_amendments).
    ("agreements:abandon-amendment", "get", State.DRAFT, post()),
    ("agreements:abandon-amendment", "post", State.DRAFT, post()),
    # HR and auditors see the agreement and no note; the note of the table is private to its assessor.
    ("agreements:notes", "get", State.AGREED, row(404, 404, 200, 200, 200, 403, 404, 404)),
    ("agreements:notes", "post", State.AGREED, post(assessor=200)),
    ("agreements:rewrite-note", "get", State.AGREED, PRIVATE),
    ("agreements:rewrite-note", "post", State.AGREED, PRIVATE),
    ("agreements:share-note", "get", State.AGREED, PRIVATE),
    ("agreements:share-note", "post", State.AGREED, row(404, 404, 404, 302, 404, 404, 404, 404)),
    ("agreements:remove-note", "post", State.AGREED, row(404, 404, 404, 302, 404, 404, 404, 404)),
    ("agreements:answer-note", "post", State.AGREED, row(404, 404, 404, 403, 404, 404, 404, 404)),
    ("agreements:frameworks", "get", State.DRAFT, EVERYBODY),
    ("agreements:people", "get", State.DRAFT, HR_ONLY),
    ("agreements:add-person", "get", State.DRAFT, HR_ONLY),
    ("agreements:add-person", "post", State.DRAFT, HR_ONLY),
    ("agreements:download-people", "get", State.DRAFT, HR_ONLY),
    ("agreements:upload-people", "get", State.DRAFT, HR_ONLY),
    ("agreements:upload-people", "post", State.DRAFT, HR_ONLY),
    ("agreements:check-people", "get", State.DRAFT, row(302, 404, 404, 404, 404, 302, 404, 404)),
    ("agreements:check-people", "post", State.DRAFT, row(302, 404, 404, 404, 404, 302, 404, 404)),
    ("agreements:faulty-people", "get", State.DRAFT, row(302, 404, 404, 404, 404, 302, 404, 404)),
    ("agreements:choose-slips", "get", State.DRAFT, HR_ONLY),
    ("agreements:person", "get", State.DRAFT, LOOKS_AFTER),
    ("agreements:edit-person", "get", State.DRAFT, LOOKS_AFTER),
    ("agreements:edit-person", "post", State.DRAFT, LOOKS_AFTER),
    ("agreements:add-posting", "get", State.DRAFT, LOOKS_AFTER),
    ("agreements:add-posting", "post", State.DRAFT, LOOKS_AFTER),
    ("agreements:edit-posting", "get", State.DRAFT, LOOKS_AFTER),
    ("agreements:edit-posting", "post", State.DRAFT, LOOKS_AFTER),
    ("agreements:give-role", "post", State.DRAFT, LOOKS_AFTER),
    ("agreements:take-role", "post", State.DRAFT, row(404, 404, 404, 404, 404, 302, 404, 404)),
    ("agreements:disable-person", "post", State.DRAFT, row(404, 404, 404, 404, 404, 302, 404, 404)),
    ("agreements:enable-person", "post", State.DRAFT, row(404, 404, 404, 404, 404, 302, 404, 404)),
    ("agreements:password", "get", State.DRAFT, EVERYBODY),
    ("agreements:password", "post", State.DRAFT, EVERYBODY),
    ("agreements:framework", "get", State.DRAFT, OF_THE_OFFICE),
    ("agreements:indicator", "get", State.DRAFT, OF_THE_OFFICE),
    ("agreements:framework-workbook", "get", State.DRAFT, OF_THE_OFFICE),
    ("agreements:framework-upload", "get", State.DRAFT, UPLOADS),
    ("agreements:framework-upload", "post", State.DRAFT, UPLOADS),
    ("agreements:framework-preview", "get", State.DRAFT, UPLOADED),
    ("agreements:framework-preview", "post", State.DRAFT, UPLOADED),
    ("agreements:framework-marked", "get", State.DRAFT, UPLOADED),
    ("agreements:framework-changes", "get", State.DRAFT, OF_THE_OFFICE),
    ("agreements:revise", "post", State.DRAFT, row(404, 403, 403, 403, 403, 403, 403, 302)),
    ("agreements:start-framework", "get", State.DRAFT, row(403, 403, 403, 403, 403, 403, 403, 200)),
    ("agreements:start-framework", "post", State.DRAFT, row(403, 403, 403, 403, 403, 403, 403, 200)),
    ("agreements:draft", "get", State.DRAFT, EDITORS),
    ("agreements:draft published", "get", State.DRAFT, row(404, 403, 403, 403, 403, 403, 403, 404)),
    ("agreements:draft-header", "get", State.DRAFT, EDITORS),
    ("agreements:draft-header", "post", State.DRAFT, EDITORS),
    ("agreements:add-indicator", "post", State.DRAFT, EDITORS),
    ("agreements:copy-indicators", "get", State.DRAFT, EDITORS),
    ("agreements:copy-indicators", "post", State.DRAFT, EDITORS),
    ("agreements:units", "get", State.DRAFT, EDITORS),
    ("agreements:units", "post", State.DRAFT, EDITORS),
    ("agreements:publish", "get", State.DRAFT, EDITORS),
    ("agreements:publish", "post", State.DRAFT, row(404, 404, 404, 404, 404, 404, 404, 302)),
    ("agreements:template", "get", State.DRAFT, EDITORS),
    ("agreements:template", "post", State.DRAFT, row(404, 404, 404, 404, 404, 404, 404, 409)),
    ("agreements:template published", "post", State.DRAFT, row(404, 403, 403, 403, 403, 403, 403, 404)),
    ("agreements:arrange-indicator", "post", State.DRAFT, row(404, 404, 404, 404, 404, 404, 404, 302)),
    ("agreements:remove-indicator", "get", State.DRAFT, EDITORS),
    ("agreements:remove-indicator", "post", State.DRAFT, row(404, 404, 404, 404, 404, 404, 404, 302)),
    ("reports:framework", "get", State.DRAFT, OF_THE_OFFICE),
    ("reports:framework-pdf", "get", State.DRAFT, OF_THE_OFFICE),
    ("reports:responsibilities", "get", State.DRAFT, OF_THE_OFFICE),
    ("reports:responsibilities-pdf", "get", State.DRAFT, OF_THE_OFFICE),
    ("reports:indicator-sheet published", "get", State.DRAFT, OF_THE_OFFICE),
    ("reports:indicator-sheet-pdf published", "get", State.DRAFT, OF_THE_OFFICE),
    ("reports:indicator-sheet", "get", State.DRAFT, EDITORS),
    ("agreements:verify-typed", "get", State.DRAFT, PUBLIC),
    ("agreements:verify", "get", State.DRAFT, PUBLIC),
    ("agreements:demo-move-clock", "post", State.DRAFT, row(302, 302, 302, 302, 302, 302, 302, 302)),
    ("reports:preview", "get", State.RELEASED, SEES),
    ("reports:forms-pdf", "get", State.RELEASED, SEES),
    ("sign-in", "get", State.DRAFT, row(302, 302, 302, 302, 302, 302, 302, 302, anonymous=200)),
    ("reports:slips", "post", State.DRAFT, row(404, 404, 404, 404, 404, 200, 404, 404)),
    ("sign-in-code", "get", State.DRAFT, row(302, 302, 302, 302, 302, 302, 302, 302, anonymous=200)),
    ("sign-in-code", "post", State.DRAFT, row(302, 302, 302, 302, 302, 302, 302, 302, anonymous=200)),
    ("sign-out", "post", State.DRAFT, row(302, 302, 302, 302, 302, 302, 302, 302)),
    ("set_language", "post", State.DRAFT, row(302, 302, 302, 302, 302, 302, 302, 302, anonymous=302)),
]
IDS = [f"{name}-{method}-{state}" for name, method, state, _answers in TABLE]


def people(place):
    """Return everybody who asks, by the names of READERS."""
    elsewhere = PostingFactory(organisation=OrganisationFactory(kind="province")).user
    RoleFactory(user=elsewhere, organisation=elsewhere.postings.get().organisation)
    return {
        "anonymous": None,
        "stranger": elsewhere,
        "colleague": PostingFactory(organisation=place.unit).user,
        "assessee": place.assessee,
        "assessor": place.assessor,
        "reviewer": place.reviewer,
        "hr": place.hr,
        "executive": RoleFactory(organisation=place.province, kind=Role.Kind.EXECUTIVE).user,
        "editor": RoleFactory(organisation=place.province, kind=Role.Kind.FRAMEWORK_EDITOR).user,
    }


def place_in(state):
    """Return an office whose agreement stands in `state`, with an item and a file."""
    place = office(releases_on_assessment=False)
    if state == State.DRAFT:
        made_whole(place.framework)
        choose_all(place)
        return place
    if state == State.PROPOSED:
        return bring_to(place, state)
    bring_to(place, State.AGREED)
    item = place.version.items.get()
    remark = notes.Remark(about_day=NOON.date(), text="ช่วยงานทันเวลา")
    notes.write(place.version, remark, by=place.assessor, at=NOON)
    upload = SimpleUploadedFile("หลักฐาน.txt", "พยาน".encode())
    evidence_service.attach(place.version, item, upload, note="", by=place.assessee, at=NOON)
    return bring_to(place, state)


def address(name, place):
    """Return the address of a row of the table for the office's agreement."""
    plain, _space, code = name.partition(" ")
    return reverse(plain, args=_arguments(plain, code, place))


def _arguments(plain, code, place):
    short = plain.removeprefix("agreements:")
    if plain in OF_DRAFTS:
        return OF_DRAFTS[plain](*_framework_with_indicator(place, code))
    if short in OTHERS:
        return OTHERS[short](place)
    for names, arguments in ABOUT:
        if short in names:
            return arguments(place)
    return [place.agreement.pk, *([code] if code else [])]


ABOUT_NOTHING = {
    "work", "agreements", "rounds", "frameworks", "verify-typed", "demo-move-clock", "sign-in", "sign-out",
    "set_language", "people", "add-person", "choose-slips", "password", "download-people", "upload-people",
    "check-people", "faulty-people", "reports:slips", "sign-in-code", "start-framework", "framework-upload",
}  # fmt: skip
ABOUT_A_PERSON = {"person", "edit-person", "add-posting", "give-role", "disable-person", "enable-person"}
ABOUT_AN_ITEM = {
    "rewrite-indicator", "remove-item", "result", "attach", "detach", "assess-item", "what-if", "fill",
    "own-sub-indicator",
}  # fmt: skip
ABOUT_A_FRAMEWORK = {
    "framework", "framework-changes", "framework-workbook", "revise", "reports:framework", "reports:framework-pdf",
    "reports:responsibilities", "reports:responsibilities-pdf",
}  # fmt: skip
ABOUT = [
    (ABOUT_NOTHING, lambda place: []),
    (ABOUT_A_PERSON, lambda place: [place.assessee.pk]),
    (ABOUT_AN_ITEM, lambda place: [place.agreement.pk, place.version.items.first().lineage]),
    (ABOUT_A_FRAMEWORK, lambda place: [place.framework.pk]),
]
OTHERS = {
    "round": lambda place: [place.round.pk],
    "check-round": lambda place: [place.round.pk],
    "release-round": lambda place: [place.round.pk],
    "start": lambda place: [place.round.pk],
    "earlier-version": lambda place: [place.agreement.pk, 1],
    "evidence": lambda place: [getattr(Evidence.objects.first(), "pk", 0)],
    **dict.fromkeys(
        ["rewrite-note", "share-note", "remove-note", "answer-note"],
        lambda place: [place.agreement.pk, Note.objects.get().pk],
    ),
    "indicator": lambda place: [place.framework.pk, place.indicators[0].code],
    "verify": lambda place: ["0123456789AB"],
    "framework-preview": lambda place: ["0" * 64],
    "framework-marked": lambda place: ["0" * 64],
    "edit-posting": lambda place: [place.assessee.pk, place.posting.pk],
    "take-role": lambda place: [place.assessee.pk, getattr(place.assessee.roles.first(), "pk", 0)],
    "library-template": lambda place: [place.agreement.pk, template_of_library()],
}


# The addresses of a draft, and what they take of it and its indicator.
OF_DRAFTS = (
    dict.fromkeys(
        [
            "agreements:draft", "agreements:draft-header", "agreements:add-indicator", "agreements:copy-indicators",
            "agreements:units", "agreements:publish",
        ],
        lambda framework, indicator: [framework.pk],
    )
    | dict.fromkeys(
        ["agreements:template", "agreements:arrange-indicator", "agreements:remove-indicator"],
        lambda framework, indicator: [indicator.pk],
    )
    | dict.fromkeys(
        ["reports:indicator-sheet", "reports:indicator-sheet-pdf"],
        lambda framework, indicator: [framework.pk, indicator.code],
    )
)  # fmt: skip


def _framework_with_indicator(place, code):
    """Return the office's published framework where that is meant, else a draft of its own, with an indicator."""
    if code == "published":
        return place.framework, place.indicators[0]
    draft = Framework.objects.filter(status="draft").first() or DraftFactory(organisation=place.province)
    return draft, draft.indicators.first() or drafted(draft, "1", weight="100")


def template_of_library():
    """Return a template that everybody may copy who may edit a draft."""
    found = Framework.objects.filter(code="library").first() or publish_library()
    return template(found, "1").pk


def data_for(name, place):
    """Return what is posted: what lets whoever may do it through where a form would otherwise be shown again."""
    return {
        "reports:slips": {"person": str(place.assessee.pk)},
        "agreements:plan": {"plan-TOTAL_FORMS": "0", "plan-INITIAL_FORMS": "0"},
        "agreements:detach": {"remove": str(getattr(Evidence.objects.first(), "pk", 0))},
    }.get(name, {})


def answers(client, name, method, state):
    """Return what everybody is answered, in the order of READERS; what a POST does is undone each time."""
    place = place_in(state)
    if name == "agreements:take-role":
        RoleFactory(user=place.assessee, organisation=place.unit, kind=Role.Kind.DATA_REPORTER)
    readers = people(place)
    got = []
    for reader in READERS:
        with transaction.atomic():
            client.logout()
            if readers[reader]:
                client.force_login(readers[reader])
            response = getattr(client, method)(address(name, place), data_for(name, place))
            got.append(SIGN_IN if _asks_to_sign_in(response) else response.status_code)
            if response.streaming:
                response.getvalue()  # read to its end, it closes its file
            transaction.set_rollback(True)
    return tuple(got)


def _asks_to_sign_in(response):
    return response.status_code == 302 and response["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize(("name", "method", "state", "expected"), TABLE, ids=IDS)
def test_everybody_is_answered_as_the_table_says(client, name, method, state, expected):
    assert dict(zip(READERS, answers(client, name, method, state), strict=True)) == dict(
        zip(READERS, expected, strict=True)
    )


def test_every_address_has_a_row():
    listed = {name.partition(" ")[0] for name, *_rest in TABLE}
    known = set()
    for prefix, patterns in (("", get_resolver()), ("agreements:", None), ("reports:", None)):
        resolver = patterns or get_resolver().namespace_dict[prefix[:-1]][1]
        known |= {f"{prefix}{key}" for key in resolver.reverse_dict if isinstance(key, str)}

    assert known == listed


@pytest.mark.parametrize(
    ("name", "method", "state"),
    [("agreements:agreement", "get", State.CLOSED), ("agreements:evidence", "get", State.REPORTED)],
)
def test_control_without_the_queryset_strangers_get_in(client, monkeypatch, name, method, state):
    expected = next(row for listed, how, where, row in TABLE if (listed, how, where) == (name, method, state))
    monkeypatch.setattr(AgreementQuerySet, "visible_to", lambda self, user: Agreement.objects.all())

    got = answers(client, name, method, state)

    assert (expected[1], got[1]) == (404, 200)
