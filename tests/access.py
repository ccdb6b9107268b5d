"""A world in which everybody may ask for everything: who the readers are, and what each address is about.

The expected answers lie in tests/agreements/views/access.csv, one row for each address, method, state and whose it is.
"""

import csv
import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from agreements import actions
from agreements.models import (
    CellComment,
    Evidence,
    Extension,
    Framework,
    Holiday,
    Item,
    Job,
    JobFile,
    Note,
    Remedy,
    ReportForm,
    Role,
    Signature,
    State,
    StoredFile,
    Submission,
    User,
)
from agreements.services import (
    agreements as services,
    content as contents,
    evidence as evidence_service,
    job_files,
    notes,
    paper,
    report_forms,
    signing,
    states,
    submissions,
)
from tests.factories import (
    NOON,
    DraftFactory,
    PostingFactory,
    ReportFormFactory,
    RoleFactory,
    UserFactory,
    drafted,
    made_whole,
)
from tests.files import pdf, picture
from tests.guards import lifted
from tests.library import publish_library, template
from tests.walks import Office, bring_to, choose_all, office

ANSWERS = Path(__file__).parent / "agreements" / "views" / "access.csv"
READERS = (
    "anonymous", "disabled", "staff", "colleague", "assessor", "reviewer", "hr", "editor", "executive", "auditor",
)  # fmt: skip
# Whose the object is: the reader's own, that of somebody in the same office, that of somebody elsewhere.
OWN, COLLEAGUES, ELSEWHERE = "own", "colleague's", "other office's"
# The pages that are about nobody's object.
NOBODYS = "-"


@dataclass
class World:
    """Two offices: in the first each reader has an agreement of their own, in the second somebody has one."""

    readers: dict[str, User | None]
    places: dict[str, Office]
    elsewhere: Office
    cookies: dict[str, SimpleCookie] = field(default_factory=dict)

    def place(self, reader: str, whose: str) -> Office:
        """Return the office as it is to the person whose agreement `reader` asks for."""
        if whose == ELSEWHERE:
            return self.elsewhere
        if whose == COLLEAGUES:
            return self.places["colleague" if reader == "staff" else "staff"]
        return self.places.get(reader, self.places["staff"])


def world(state: State, *, sentinel: str = "") -> World:
    """Return a world whose agreements all stand in `state`, each with an item and a file.

    Every name and text of the second office holds `sentinel`.
    """
    place = office(releases_on_assessment=False)
    # Two above the head, so that the head, too, has an assessor and a reviewer.
    top = PostingFactory(organisation=place.province, title="อธิบดี")
    director = PostingFactory(organisation=place.province, title="ผู้ว่าราชการจังหวัด", assessor=top)
    head = place.reviewer.postings.get()
    head.assessor = director
    head.save()
    second_hr = RoleFactory(organisation=place.province).user
    kinds = {
        "hr": Role.Kind.HR,
        "editor": Role.Kind.FRAMEWORK_EDITOR,
        "executive": Role.Kind.EXECUTIVE,
        "auditor": Role.Kind.AUDITOR,
    }
    readers = {"staff": place.assessee, "assessor": place.assessor, "reviewer": place.reviewer}
    readers |= {"colleague": UserFactory(), "disabled": RoleFactory(organisation=place.province).user}
    readers |= {name: RoleFactory(organisation=place.province, kind=kind).user for name, kind in kinds.items()}
    place.hr = readers["hr"]
    places = {name: _own_place(place, user, second_hr) for name, user in readers.items()}
    elsewhere = office(releases_on_assessment=False)
    plant(elsewhere, sentinel)
    for one in places.values():
        stand_in(one, state)
    stand_in(elsewhere, state, text=sentinel)
    User.objects.filter(pk=readers["disabled"].pk).update(is_active=False)
    for one in (place, elsewhere):
        made_whole(one.framework)
        _framework_with_indicator(one, "")
    publish_library()
    return World({"anonymous": None} | readers, places, elsewhere)


def _own_place(place: Office, user: User, second_hr: User) -> Office:
    """Return the office as it is to `user` as an assessee, with an agreement."""
    if user == place.assessee:
        return place
    posting = user.postings.first()
    if posting is None:
        posting = PostingFactory(organisation=place.unit, user=user, assessor=place.posting.assessor)
    assessor = posting.assessor
    agreement = services.open_agreement(place.round, posting, by=user, at=NOON)
    above = assessor.assessor.user if assessor.assessor else assessor.user
    return replace(
        place, posting=posting, assessee=user, assessor=assessor.user, reviewer=above, hr=second_hr, agreement=agreement
    )


def plant(place: Office, sentinel: str) -> None:
    """Write `sentinel` into the names and texts of an office whose agreement is still empty."""
    if not sentinel:
        return
    with lifted():
        place.framework.code, place.framework.title = f"{place.framework.code}-{sentinel}", sentinel
        place.framework.save()
        place.framework.indicators.update(title=sentinel)
    for unit in (place.province, place.unit):
        unit.name, unit.short_name, unit.code = f"{unit.name} {sentinel}", sentinel, f"{unit.code}-{sentinel}"
        unit.save()
    for user in (place.assessee, place.assessor, place.reviewer, place.hr):
        user.username, user.first_name, user.last_name = f"{user.username}{sentinel}", sentinel, sentinel
        user.save()
        user.postings.update(title=sentinel, number=sentinel)
    place.version.parties.update(name=sentinel, title=sentinel, number=sentinel, unit=sentinel, office=sentinel)
    place.version.competencies.update(name=sentinel)
    place.round.competency_set.competencies.update(name=sentinel)
    Holiday.objects.create(organisation=place.province, day=NOON.date(), name=sentinel)
    Remedy.objects.create(
        indicator=place.indicators[0],
        organisation=place.province,
        month=NOON.date().replace(day=1),
        cause=sentinel,
        action=sentinel,
        owner=place.posting,
        due_on=NOON.date(),
        written_by=place.hr,
        written_at=NOON,
    )


def stand_in(place: Office, state: State, *, text: str = "") -> Office:
    """Bring the office's agreement to `state`, with an item, and from agreed on a file named with `text`."""
    if state == State.DRAFT:
        choose_all(place)
        return place
    if state == State.ENDED:
        states.end(place.version, by=place.hr, because="transferred", reason=text, at=NOON)
        return place
    if state == State.PROPOSED:
        return bring_to(place, state)
    bring_to(place, State.AGREED)
    item = place.version.items.get()
    notes.write(place.version, notes.Remark(about_day=NOON.date(), text=f"ทันเวลา{text}"), by=place.assessor, at=NOON)
    upload = SimpleUploadedFile(f"หลักฐาน{text}.png", picture())
    evidence_service.attach(place.version, item, upload, note=text, by=place.assessee, at=NOON)
    return bring_to(place, state)


# --- What each address is about --------------------------------------------------------------------------------------
def address(name: str, place: Office) -> str:
    """Return the address of a row for the objects of `place`; what stands after a space in `name` is its last part."""
    plain, _space, code = name.partition(" ")
    return reverse(plain, args=_arguments(plain, code, place))


def is_about_nothing(name: str) -> bool:
    """Return whether the address is about nobody's object."""
    return name.partition(" ")[0].removeprefix("agreements:") in ABOUT_NOTHING


def _arguments(plain: str, code: str, place: Office) -> list[object]:
    short = plain.removeprefix("agreements:")
    if plain in OF_DRAFTS:
        return OF_DRAFTS[plain](*_framework_with_indicator(place, code))
    if short in OTHERS:
        return [*OTHERS[short](place), *([code] if code else [])]
    for names, arguments in ABOUT:
        if short in names:
            return arguments(place)
    return [place.agreement.pk, *([code] if code else [])]


def _evidence(place: Office) -> object:
    kept = Evidence.objects.filter(result__part__agreement=place.agreement).first()
    return kept.pk if kept else 0


def _extension(place: Office) -> Extension:
    fields = {"round": place.round, "phase": "report", "organisation": place.unit}
    given = {"until": NOON.date(), "reason": "น้ำท่วม", "granted_by": place.hr, "granted_at": NOON}
    return Extension.objects.filter(**fields).first() or Extension.objects.create(**fields, **given)


def _holiday(place: Office) -> int:
    """Return the key of a day in the table of the office."""
    kept = Holiday.objects.filter(organisation=place.province).first()
    return (kept or Holiday.objects.create(organisation=place.province, day=NOON.date(), name="วันหยุดจังหวัด")).pk


def _notice(place: Office) -> object:
    sent = place.assessor.notices.filter(agreement=place.agreement).first()
    return sent.pk if sent else 0


def _signed_on_paper(place: Office) -> object:
    """Return the key of the assessor's signature, recorded from paper with its scan."""
    kept = Signature.objects.filter(version__part__agreement=place.agreement, method="paper").first()
    if kept or place.version.part.agreement.state != State.PROPOSED:
        return kept.pk if kept else 0
    scan = SimpleUploadedFile("ลงนาม.pdf", b"%PDF-1.4")
    code = contents.hash_of(signing.content_to_sign(place.version, actions.AGREE))[:12]
    given = paper.OnPaper(code=code, signed_on=timezone.localdate(NOON), scan=scan)
    return paper.record_paper_signature(place.version, actions.AGREE, given, by=place.hr, at=NOON).pk


def _note(place: Office) -> object:
    """Return the key of a remark of the assessor's about the assessee, not shared."""
    kept = Note.objects.filter(part__agreement=place.agreement).first()
    return kept.pk if kept else 0


def _report(place: Office) -> Submission:
    """Return the certified report of the office's unit, by a form of the province, returned once with a comment."""
    kept = Submission.objects.filter(organisation=place.unit).first()
    if kept:
        return kept
    form = report_forms.lay_down(
        {
            "code": f"report-{place.province.pk}",
            "title": place.province.name,
            "period": "month",
            "due": {"day": 15, "months_after": 1},
            "reported_by": {"units": [place.unit.code], "from": "2012-10-01"},
            "certified_by": "head",
            "tables": [
                {
                    "code": "t",
                    "title": place.unit.name,
                    "rows": {"kind": "fixed", "titles": ["1"]},
                    "columns": [{"code": "c", "title": place.unit.name, "type": "count"}],
                    "totals": ["c"],
                }
            ],
        },
        organisation=place.province,
        by=None,
        at=NOON,
    )[0]
    reporter = RoleFactory(organisation=place.province, kind=Role.Kind.DATA_REPORTER).user
    period = NOON.date().replace(day=1)
    made = submissions.open_submission(form, organisation=place.unit, period=period, by=reporter, at=NOON)
    submissions.write_cells(made, [submissions.CellWrite("t", "1", "c", "5")], by=reporter, at=NOON)
    first = made.revisions.get()
    CellComment.objects.create(
        submission=made,
        revision=first,
        table="t",
        row="1",
        column="c",
        text=place.unit.name,
        made_by=reporter,
        made_at=NOON,
    )
    made.number = submissions.begin_revision(made, "returned", reason=place.unit.name, by=reporter, at=NOON).number
    return made


def _file_of_cell(place: Office) -> int:
    """Return the key of a cell of the report that holds a file."""
    kept = _report(place).revisions.order_by("pk").last().observations.get()
    if kept.stored is None:
        facts = {"size": 5, "content_type": "text/plain"}
        content = SimpleUploadedFile("หนังสือ.txt", place.unit.name.encode())
        digest = hashlib.sha256(place.unit.name.encode()).hexdigest()
        kept.stored = StoredFile.objects.filter(sha256=digest).first() or StoredFile.objects.create(
            sha256=digest, file=content, **facts
        )
        kept.save()
    return kept.pk


def _level(place: Office) -> list[object]:
    report = _report(place)
    return [report.form_id, place.province.pk, report.period.isoformat()]


def _judged(place: Office) -> tuple[int, int, int]:
    """Return round, indicator and unit of what the office's province judges: its first indicator."""
    says = {"judged_by": "province"}
    with lifted():
        place.indicators[0].refresh_from_db()
        for row in (place.indicators[0], *Item.objects.filter(indicator=place.indicators[0])):
            row.definition = row.definition | says
            row.save()
    return place.round.pk, place.indicators[0].pk, place.province.pk


def _job(place: Office) -> object:
    """Return the key of background work for the office's round, asked for by its assessee."""
    told = {"kind": "open_round", "organisation": place.province, "round": place.round, "asked_by": place.assessee}
    kept = Job.objects.filter(**told).first()
    now = timezone.now()
    return (kept or Job.objects.create(**told, asked_at=NOON, alive_at=now, state="done", outcome={"opened": 0})).pk


def _job_file(place: Office) -> object:
    """Return the key of a print job of the office's agreement with its file, asked for by the assessee."""
    told = {"kind": "print_forms", "organisation": place.province, "round": place.round, "asked_by": place.assessee}
    kept = Job.objects.filter(**told).first()
    if kept is None:
        outcome = {"agreements": [place.agreement.pk], "printed": 1, "left_out": 0, "pages": 1}
        now = timezone.now()
        kept = Job.objects.create(**told, asked_at=NOON, alive_at=now, state="done", outcome=outcome)
        path = default_storage.save("jobs/access/result", ContentFile(pdf("one")))
        digest, size = job_files.digest_and_size(path)
        JobFile.objects.create(
            job=kept, name="แบบ.pdf", content_type="application/pdf", path=path, sha256=digest, size=size,
            kept_until=now + timedelta(days=1),
        )  # fmt: skip
    return kept.pk


def _role(place: Office) -> int:
    held = place.assessee.roles.first()
    return (held or RoleFactory(user=place.assessee, organisation=place.unit, kind=Role.Kind.DATA_REPORTER)).pk


def _template_of_library() -> object:
    return template(Framework.objects.get(code="library"), "1").pk


def _framework_with_indicator(place: Office, code: str) -> tuple[Framework, object]:
    """Return the office's published framework where that is meant, else a draft of its own, with an indicator."""
    if code == "published":
        return place.framework, place.indicators[0]
    drafts = Framework.objects.filter(status="draft", organisation=place.province)
    draft = drafts.first() or DraftFactory(organisation=place.province)
    return draft, draft.indicators.first() or drafted(draft, "1", weight="100")


def _report_form(place: Office) -> object:
    """Return the key of a report form of the office's."""
    kept = ReportForm.objects.filter(organisation=place.province).first()
    return (kept or ReportFormFactory(organisation=place.province)).pk


ABOUT_NOTHING = {
    "work", "agreements", "rounds", "frameworks", "verify-typed", "demo-move-clock", "sign-in", "sign-out",
    "set_language", "people", "add-person", "choose-slips", "password", "download-people", "upload-people",
    "check-people", "faulty-people", "sign-in-code", "start-framework", "framework-upload", "framework-preview",
    "framework-marked", "verify", "account", "sign-out-everywhere", "turn-on-second-step", "turn-off-second-step",
    "renew-recovery-codes", "link-account", "unlink-account", "second-step", "openid", "openid-answer",
    "notices", "submissions", "report-forms", "write-report-form", "build-report-form", "mail-settings", "read-notices",
    "verify-file", "holidays", "monitoring", "reports:blank-report-forms", "judging", "add-round",
    "dashboards", "reports:dashboard-workbook", "reports:dashboard-pdf",
}  # fmt: skip
ABOUT_A_PERSON = {
    "person", "edit-person", "add-posting", "give-role", "disable-person", "enable-person", "lift-lock",
    "take-second-step", "register-account", "remove-account",
}  # fmt: skip
ABOUT_AN_ITEM = {
    "rewrite-indicator", "remove-item", "result", "copy-figures", "attach", "detach", "assess-item", "what-if", "fill",
    "own-sub-indicator", "tick-evidence", "confirm-result", "choose-above", "gather",
}  # fmt: skip
ABOUT_A_FRAMEWORK = {
    "framework", "framework-changes", "framework-workbook", "revise", "next-year", "reports:framework",
    "reports:framework-pdf", "reports:responsibilities", "reports:responsibilities-pdf", "reports:followed",
    "reports:followed-pdf",
}  # fmt: skip
ABOUT = [
    (ABOUT_A_PERSON, lambda place: [place.assessee.pk]),
    (ABOUT_AN_ITEM, lambda place: [place.agreement.pk, place.version.items.first().lineage]),
    (ABOUT_A_FRAMEWORK, lambda place: [place.framework.pk]),
]
OTHERS = {
    **dict.fromkeys(
        [
            "submission",
            "submission-act",
            "return-submission",
            "unlock-submission",
            "enter-submission",
            "write-cells",
            "submission-workbook",
            "submission-upload",
            "submission-check",
        ],
        lambda place: [_report(place).pk],
    ),
    "cell-file": lambda place: [_report(place).pk, _file_of_cell(place)],
    "open-submission": lambda place: [],
    "report-form": lambda place: [_report(place).form_id],
    "reports:submission-pdf": lambda place: [_report(place).pk],
    "submission-revision": lambda place: [_report(place).pk, 1],
    "resolve-comment": lambda place: [_report(place).pk, _report(place).comments.get().pk],
    **dict.fromkeys(["level", "approve"], _level),
    "framework-preview": lambda place: ["0" * 64],
    "framework-marked": lambda place: ["0" * 64],
    "verify": lambda place: ["0123456789AB"],
    "reports:slips": lambda place: [],
    "reports:blank-report-form": lambda place: [_report_form(place)],
    "reports:blank-report-form-pdf": lambda place: [_report_form(place)],
    "round": lambda place: [place.round.pk],
    "start": lambda place: [place.round.pk],
    "open-organisation": lambda place: [place.round.pk],
    "take-duty": lambda place: [place.agreement.pk, 0],
    "opening": lambda place: [place.round.pk],
    "edit-round": lambda place: [place.round.pk],
    "begin-round": lambda place: [place.round.pk],
    "reports:board-workbook": lambda place: [place.round.pk],
    "reports:summary-workbook": lambda place: [place.round.pk],
    "reports:detail-workbook": lambda place: [place.round.pk],
    "job": lambda place: [_job(place)],
    "job-file": lambda place: [_job_file(place)],
    "reports:print-forms": lambda place: [place.round.pk],
    "reports:blank-forms": lambda place: [place.round.pk],
    "check-round": lambda place: [place.round.pk],
    "release-round": lambda place: [place.round.pk],
    **dict.fromkeys(["screening", "announcement", "reports:announcement-pdf"], lambda place: [place.round.pk]),
    **dict.fromkeys(
        ["rewrite-note", "share-note", "remove-note", "answer-note"],
        lambda place: [place.agreement.pk, _note(place)],
    ),
    "round-cascade": lambda place: [place.round.pk],
    "judge": lambda place: [*_judged(place)],
    "judged-evidence": lambda place: [*_judged(place), _evidence(place)],
    "sign-many": lambda place: [place.round.pk],
    "signature-scan": lambda place: [_signed_on_paper(place)],
    "reports:memo-pdf": lambda place: [place.framework.pk],
    "reports:memo-workbook": lambda place: [place.framework.pk],
    "monitoring-board": lambda place: [place.framework.pk],
    **dict.fromkeys(
        ["monitored-indicator", "write-figures", "write-remedy"],
        lambda place: [place.framework.pk, place.indicators[0].code],
    ),
    "dashboard-indicator": lambda place: [place.indicators[0].pk],
    "holiday-table": lambda place: [place.province.pk],
    "draft-holidays": lambda place: [place.province.pk],
    "mend-holiday": lambda place: [place.province.pk, _holiday(place)],
    "remove-holiday": lambda place: [place.province.pk, _holiday(place)],
    "deadlines": lambda place: [place.round.pk],
    "overdue": lambda place: [place.round.pk],
    "remind": lambda place: [place.round.pk],
    "extend": lambda place: [place.round.pk],
    "extension": lambda place: [_extension(place).pk],
    "withdraw-extension": lambda place: [_extension(place).pk],
    # A notice is its reader's alone; this one is the assessor's.
    "open-notice": lambda place: [_notice(place)],
    "read-notice": lambda place: [_notice(place)],
    "earlier-version": lambda place: [place.agreement.pk, 1],
    "evidence": lambda place: [_evidence(place)],
    "view-evidence": lambda place: [_evidence(place)],
    "evidence-page": lambda place: [_evidence(place), 1],
    "indicator": lambda place: [place.framework.pk, place.indicators[0].code],
    "edit-posting": lambda place: [place.assessee.pk, place.posting.pk],
    "take-role": lambda place: [place.assessee.pk, _role(place)],
    "library-template": lambda place: [place.agreement.pk, _template_of_library()],
} | {name: lambda place: [] for name in ABOUT_NOTHING - {"framework-preview", "framework-marked", "verify"}}
# The addresses of a draft, and what they take of it and its indicator.
OF_DRAFTS = (
    dict.fromkeys(
        [
            "agreements:draft", "agreements:draft-header", "agreements:add-indicator", "agreements:copy-indicators",
            "agreements:units", "agreements:publish", "agreements:add-units", "agreements:discard-draft",
            "agreements:number-anew",
        ],
        lambda framework, indicator: [framework.pk],
    )
    | dict.fromkeys(
        ["agreements:template", "agreements:arrange-indicator", "agreements:remove-indicator", "reports:sheet-beside"],
        lambda framework, indicator: [indicator.pk],
    )
    | dict.fromkeys(
        ["reports:indicator-sheet", "reports:indicator-sheet-pdf"],
        lambda framework, indicator: [framework.pk, indicator.code],
    )
)  # fmt: skip


def _opening(place: Office) -> dict[str, str]:
    report = _report(place)
    return {"form": str(report.form_id), "organisation": str(place.unit.pk), "period": report.period.isoformat()}


def data_for(name: str, place: Office) -> dict[str, str]:
    """Return what is posted: what lets whoever may do it through where a form would otherwise be shown again."""
    return {
        "reports:slips": {"person": str(place.assessee.pk)},
        "agreements:plan": {"plan-TOTAL_FORMS": "0", "plan-INITIAL_FORMS": "0"},
        "agreements:detach": {"remove": str(_evidence(place))},
        "agreements:open-submission": _opening(place) if name == "agreements:open-submission" else {},
    }.get(name, {})


# --- Answers ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: what is asked, and what each reader is answered."""

    address: str
    method: str
    state: str
    whose: str
    answers: dict[str, str]


def rows() -> list[Row]:
    """Return the rows of the file."""
    with ANSWERS.open(encoding="utf-8", newline="") as file:
        return [
            Row(row["address"], row["method"], row["state"], row["whose"], {name: row[name] for name in READERS})
            for row in csv.DictReader(file)
        ]


def write(found: list[Row]) -> None:
    """Write the file anew."""
    with ANSWERS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["address", "method", "state", "whose", *READERS])
        writer.writerows([row.address, row.method, row.state, row.whose, *row.answers.values()] for row in found)


def whose_of(name: str) -> tuple[str, ...]:
    """Return whose objects the address is asked for."""
    return (NOBODYS,) if is_about_nothing(name) else (OWN, COLLEAGUES, ELSEWHERE)
