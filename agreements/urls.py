"""Addresses of the agreements."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from agreements import actions
from agreements.models import Checkpoint
from agreements.models.agreements import AgreementKey
from agreements.services.parties import REPLACEABLE
from agreements.views import (
    account,
    agreements,
    amendments,
    batch,
    batches,
    bindings,
    board,
    carry_over,
    cascade,
    checkpoints,
    dashboards,
    deadlines,
    drafts,
    duties,
    evidence,
    evidence_lists,
    framework_files,
    framework_life,
    frameworks,
    holidays,
    items,
    jobs,
    judging,
    library,
    linked_accounts,
    monitoring,
    notes,
    notices,
    opening,
    organisation_agreements,
    paper,
    parties,
    people,
    people_accounts,
    people_list,
    report_form_building,
    report_forms,
    results,
    round_rules,
    rounds,
    screening,
    signing,
    splits,
    states,
    submission_entering,
    submission_levels,
    submission_workbooks,
    submissions,
    templates,
    verification,
    what_if,
    work,
)


class AgreementConverter:
    """An agreement, and the part of it where it was split: 12, or 12-2."""

    regex = "[0-9]{1,18}(?:-[1-9][0-9]?)?"

    def to_python(self, value: str) -> AgreementKey:
        """Return the key with the part."""
        key, _dash, part = value.partition("-")
        return AgreementKey(int(key), int(part) if part else None)

    def to_url(self, value: int) -> str:
        """Return how it stands in an address."""
        part = getattr(value, "part", None)
        return f"{int(value)}-{part}" if part else str(int(value))


class ReturnConverter(StringConverter):
    """The acts that send an agreement back."""

    regex = "|".join(action.code for action in states.RETURNS)


class ActConverter(StringConverter):
    """The acts that need neither a signature nor a reason."""

    regex = "|".join(action.code for action in agreements.ACTS)


class SignatureConverter(StringConverter):
    """The acts that are signatures."""

    regex = "|".join(action.code for action in actions.SIGNATURES)


class ReasonedConverter(StringConverter):
    """The acts beside the road that take a reason."""

    regex = "|".join(action.code for action in states.REASONED)


class ReplaceableConverter(StringConverter):
    """The capacities in which HR names and replaces people."""

    regex = "|".join(sorted(REPLACEABLE, key=len, reverse=True))


class ReportActConverter(StringConverter):
    """The acts of a unit on its own report."""

    regex = "|".join(submissions.ACTS)


register_converter(ReportActConverter, "reportact")


class CheckpointConverter(StringConverter):
    """The checkpoints of an organisation's agreement."""

    regex = "|".join(Checkpoint.values)


register_converter(CheckpointConverter, "checkpoint")
register_converter(AgreementConverter, "agreement")
register_converter(ReturnConverter, "return")
register_converter(ReasonedConverter, "reasoned")
register_converter(ReplaceableConverter, "replaceable")
register_converter(ActConverter, "act")
register_converter(SignatureConverter, "signature")

app_name = "agreements"
urlpatterns = [
    path("", work.work, name="work"),
    path("rounds/", rounds.round_list, name="rounds"),
    path("rounds/add/", round_rules.add, name="add-round"),
    path("rounds/<int:pk>/", board.round_board, name="round"),
    path("rounds/<int:pk>/edit/", round_rules.edit, name="edit-round"),
    path("rounds/<int:pk>/begin/", round_rules.begin, name="begin-round"),
    path("rounds/<int:pk>/opening/", opening.open_round, name="opening"),
    path("rounds/<int:pk>/start/", work.start, name="start"),
    path("rounds/<int:pk>/deadlines/", deadlines.edit, name="deadlines"),
    path("rounds/<int:pk>/overdue/", deadlines.overdue, name="overdue"),
    path("rounds/<int:pk>/overdue/remind/", deadlines.remind, name="remind"),
    path("rounds/<int:pk>/extensions/add/", deadlines.extend, name="extend"),
    path("extensions/<int:pk>/", deadlines.extension, name="extension"),
    path("extensions/<int:pk>/withdraw/", deadlines.withdraw, name="withdraw-extension"),
    path("rounds/<int:pk>/sign/<signature:code>/", batch.sign_many, name="sign-many"),
    path("rounds/<int:pk>/organisations/open/", organisation_agreements.open_for, name="open-organisation"),
    path("judging/", judging.judging_list, name="judging"),
    path("rounds/<int:pk>/judge/<int:indicator>/<int:unit>/", judging.judge, name="judge"),
    path(
        "rounds/<int:pk>/judge/<int:indicator>/<int:unit>/evidence/<int:evidence>/",
        judging.judged_evidence,
        name="judged-evidence",
    ),
    path("rounds/<int:pk>/check/", batches.check, name="check-round"),
    path("rounds/<int:pk>/release/", batches.release, name="release-round"),
    path("rounds/<int:pk>/screening/", screening.screening, name="screening"),
    path("rounds/<int:pk>/announcement/", screening.announcement, name="announcement"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job-file"),
    path("agreements/", work.agreement_list, name="agreements"),
    path("agreements/<agreement:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<agreement:pk>/versions/<int:number>/", agreements.earlier_version, name="earlier-version"),
    path("agreements/<agreement:pk>/items/", items.items, name="items"),
    path("agreements/<agreement:pk>/items/choose/", items.choose, name="choose"),
    path("agreements/<agreement:pk>/items/earlier/", carry_over.earlier, name="earlier"),
    path("agreements/<agreement:pk>/items/own/", items.own_indicator, name="own-indicator"),
    path("agreements/<agreement:pk>/items/library/", library.library, name="library"),
    path("agreements/<agreement:pk>/items/library/<int:template>/", library.template, name="library-template"),
    path("agreements/<agreement:pk>/items/<uuid:lineage>/blanks/", library.fill, name="fill"),
    path("agreements/<agreement:pk>/items/<uuid:parent>/own/", items.own_indicator, name="own-sub-indicator"),
    path("agreements/<agreement:pk>/items/<uuid:lineage>/", items.own_indicator, name="rewrite-indicator"),
    path("agreements/<agreement:pk>/items/<uuid:lineage>/remove/", items.remove_item, name="remove-item"),
    path("agreements/<agreement:pk>/items/<uuid:lineage>/above/", cascade.choose_above, name="choose-above"),
    path("agreements/<agreement:pk>/cascade/", cascade.cascade, name="cascade"),
    path("agreements/<agreement:pk>/results/<uuid:lineage>/gather/", cascade.gather, name="gather"),
    path("rounds/<int:pk>/cascade/", cascade.round_cascade, name="round-cascade"),
    path("agreements/<agreement:pk>/competencies/", items.competencies, name="competencies"),
    path("agreements/<agreement:pk>/results/", results.results, name="results"),
    path("agreements/<agreement:pk>/results/<uuid:lineage>/", results.result, name="result"),
    path("agreements/<agreement:pk>/results/<uuid:lineage>/evidence/", evidence.attach, name="attach"),
    path("agreements/<agreement:pk>/results/<uuid:lineage>/evidence/remove/", evidence.detach, name="detach"),
    path("agreements/<agreement:pk>/results/<uuid:lineage>/listed/", evidence_lists.tick, name="tick-evidence"),
    path("agreements/<agreement:pk>/results/<uuid:lineage>/confirm/", duties.confirm, name="confirm-result"),
    path("agreements/<agreement:pk>/duties/", duties.duties, name="duties"),
    path("agreements/<agreement:pk>/duties/by-title/", duties.give_by_title, name="give-by-title"),
    path("agreements/<agreement:pk>/duties/<int:duty>/take/", duties.take, name="take-duty"),
    path("agreements/<agreement:pk>/checkpoints/", checkpoints.checkpoints, name="checkpoints"),
    path("agreements/<agreement:pk>/checkpoints/<checkpoint:code>/keep/", checkpoints.keep, name="keep-state"),
    path("agreements/<agreement:pk>/results/<uuid:lineage>/copy/", bindings.copy_figures, name="copy-figures"),
    path("agreements/<agreement:pk>/report/", results.report, name="report"),
    path("agreements/<agreement:pk>/what-if/", what_if.what_if, name="what-if-first"),
    path("agreements/<agreement:pk>/what-if/<uuid:lineage>/", what_if.what_if, name="what-if"),
    path("agreements/<agreement:pk>/assessment/", results.assessment, name="assessment"),
    path("agreements/<agreement:pk>/assessment/competencies/", results.observed, name="observed"),
    path("agreements/<agreement:pk>/assessment/plan/", results.plan, name="plan"),
    path("agreements/<agreement:pk>/assessment/<uuid:lineage>/", results.assess_item, name="assess-item"),
    path("agreements/<agreement:pk>/sign/<signature:code>/", signing.check, name="check"),
    path("agreements/<agreement:pk>/paper/<signature:code>/", paper.record_paper, name="record-paper"),
    path("signatures/<int:pk>/scan/", paper.scan, name="signature-scan"),
    path("agreements/<agreement:pk>/return/<return:code>/", states.send_back, name="return"),
    path("agreements/<agreement:pk>/act/<act:code>/", agreements.act, name="act"),
    path("agreements/<agreement:pk>/reason/<reasoned:code>/", states.reasoned, name="reasoned"),
    path("agreements/<agreement:pk>/parties/", parties.parties, name="parties"),
    path("agreements/<agreement:pk>/parties/<replaceable:code>/", parties.replace, name="replace-party"),
    path("agreements/<agreement:pk>/refusal/", parties.refuse, name="refusal"),
    path("agreements/<agreement:pk>/amend/", amendments.amend, name="amend"),
    path("agreements/<agreement:pk>/amendments/", amendments.changes, name="amendments"),
    path("agreements/<agreement:pk>/amendments/abandon/", amendments.abandon, name="abandon-amendment"),
    path("agreements/<agreement:pk>/split/", splits.split, name="split"),
    path("agreements/<agreement:pk>/notes/", notes.notes, name="notes"),
    path("agreements/<agreement:pk>/notes/<int:note>/", notes.rewrite, name="rewrite-note"),
    path("agreements/<agreement:pk>/notes/<int:note>/remove/", notes.remove, name="remove-note"),
    path("agreements/<agreement:pk>/notes/<int:note>/share/", notes.share, name="share-note"),
    path("agreements/<agreement:pk>/notes/<int:note>/answer/", notes.answer, name="answer-note"),
    path("evidence/<int:pk>/", evidence.download, name="evidence"),
    path("evidence/<int:pk>/view/", evidence.view, name="view-evidence"),
    path("evidence/<int:pk>/pages/<int:page>/", evidence.picture, name="evidence-page"),
    path("frameworks/", frameworks.framework_list, name="frameworks"),
    path("frameworks/start/", drafts.start, name="start-framework"),
    path("frameworks/indicators/<int:pk>/", templates.template, name="template"),
    path("frameworks/indicators/<int:pk>/arrange/", drafts.arrange, name="arrange-indicator"),
    path("frameworks/indicators/<int:pk>/remove/", drafts.remove, name="remove-indicator"),
    path("frameworks/<int:pk>/edit/", drafts.draft, name="draft"),
    path("frameworks/<int:pk>/edit/header/", drafts.header, name="draft-header"),
    path("frameworks/<int:pk>/edit/add/", drafts.add, name="add-indicator"),
    path("frameworks/<int:pk>/edit/copy/", drafts.copy, name="copy-indicators"),
    path("frameworks/<int:pk>/edit/units/", drafts.units, name="units"),
    path("frameworks/<int:pk>/edit/publish/", drafts.publish, name="publish"),
    path("frameworks/<int:pk>/edit/units/add/", framework_life.add_units, name="add-units"),
    path("frameworks/<int:pk>/edit/numbers/", framework_life.number_anew, name="number-anew"),
    path("frameworks/<int:pk>/edit/discard/", framework_life.discard, name="discard-draft"),
    path("frameworks/<int:pk>/next-year/", framework_life.next_year, name="next-year"),
    path("frameworks/<int:pk>/changes/", drafts.changes, name="framework-changes"),
    path("frameworks/<int:pk>/revise/", drafts.revise, name="revise"),
    path("frameworks/upload/", framework_files.upload, name="framework-upload"),
    path("frameworks/upload/<str:digest>/", framework_files.preview, name="framework-preview"),
    path("frameworks/upload/<str:digest>/marked/", framework_files.marked, name="framework-marked"),
    path("frameworks/<int:pk>/", frameworks.framework, name="framework"),
    path("frameworks/<int:pk>/workbook/", framework_files.workbook, name="framework-workbook"),
    path("frameworks/<int:pk>/indicators/<str:code>/", frameworks.indicator, name="indicator"),
    path("monitoring/", monitoring.choose, name="monitoring"),
    path("monitoring/<int:pk>/", monitoring.board, name="monitoring-board"),
    path("monitoring/<int:pk>/<str:code>/", monitoring.indicator, name="monitored-indicator"),
    path("monitoring/<int:pk>/<str:code>/figures/", monitoring.write_figures, name="write-figures"),
    path("monitoring/<int:pk>/<str:code>/remedy/", monitoring.write_remedy, name="write-remedy"),
    path("dashboards/", dashboards.dashboard, name="dashboards"),
    path("dashboards/indicators/<int:pk>/", dashboards.indicator, name="dashboard-indicator"),
    path("holidays/", holidays.own_table, name="holidays"),
    path("organisations/<int:pk>/holidays/", holidays.table, name="holiday-table"),
    path("organisations/<int:pk>/holidays/draft/", holidays.draft, name="draft-holidays"),
    path("organisations/<int:pk>/holidays/<int:holiday>/", holidays.mend, name="mend-holiday"),
    path("organisations/<int:pk>/holidays/<int:holiday>/remove/", holidays.remove, name="remove-holiday"),
    path("report-forms/", report_forms.report_form_list, name="report-forms"),
    path("report-forms/build/", report_form_building.build, name="build-report-form"),
    path("report-forms/write/", report_forms.write, name="write-report-form"),
    path("report-forms/<int:pk>/", report_forms.report_form, name="report-form"),
    path("submissions/", submissions.submission_list, name="submissions"),
    path("submissions/open/", submissions.open_submission, name="open-submission"),
    path("submissions/<int:pk>/", submissions.submission, name="submission"),
    path("submissions/<int:pk>/revisions/<int:number>/", submissions.earlier_revision, name="submission-revision"),
    path("submissions/<int:pk>/enter/", submission_entering.enter, name="enter-submission"),
    path("submissions/<int:pk>/cells/", submission_entering.write_cells, name="write-cells"),
    path("submissions/<int:pk>/files/<int:observation>/", submission_entering.cell_file, name="cell-file"),
    path("submissions/<int:pk>/workbook/", submission_workbooks.download, name="submission-workbook"),
    path("submissions/<int:pk>/workbook/upload/", submission_workbooks.upload, name="submission-upload"),
    path("submissions/<int:pk>/workbook/check/", submission_workbooks.check, name="submission-check"),
    path("submissions/<int:pk>/act/<reportact:code>/", submissions.act, name="submission-act"),
    path("submissions/<int:pk>/return/", submission_levels.send_back, name="return-submission"),
    path("submissions/<int:pk>/unlock/", submission_levels.unlock, name="unlock-submission"),
    path("submissions/<int:pk>/comments/<int:comment>/", submission_levels.resolve, name="resolve-comment"),
    path("submissions/level/<int:form>/<int:unit>/<str:period>/", submission_levels.level, name="level"),
    path("submissions/level/<int:form>/<int:unit>/<str:period>/approve/", submission_levels.approve, name="approve"),
    path("people/", people.people, name="people"),
    path("people/add/", people.add_person, name="add-person"),
    path("people/file/", people_list.download_people, name="download-people"),
    path("people/upload/", people_list.upload_people, name="upload-people"),
    path("people/upload/check/", people_list.check_people, name="check-people"),
    path("people/upload/faults/", people_list.faulty_people, name="faulty-people"),
    path("people/slips/", people.choose_slips, name="choose-slips"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.edit_person, name="edit-person"),
    path("people/<int:pk>/postings/add/", people.add_posting, name="add-posting"),
    path("people/<int:pk>/postings/<int:posting>/", people.edit_posting, name="edit-posting"),
    path("people/<int:pk>/roles/", people.give_role, name="give-role"),
    path("people/<int:pk>/roles/<int:role>/take/", people.take_role, name="take-role"),
    path("people/<int:pk>/disable/", people.disable, name="disable-person"),
    path("people/<int:pk>/enable/", people.enable, name="enable-person"),
    path("people/<int:pk>/unlock/", people_accounts.lift_lock, name="lift-lock"),
    path("people/<int:pk>/second-step/", people_accounts.take_second_step, name="take-second-step"),
    path("people/<int:pk>/linked/", people_accounts.register_account, name="register-account"),
    path("people/<int:pk>/linked/remove/", people_accounts.remove_account, name="remove-account"),
    path("account/", account.account, name="account"),
    path("account/sign-out-everywhere/", account.sign_out_everywhere, name="sign-out-everywhere"),
    path("account/second-step/", account.turn_on_second_step, name="turn-on-second-step"),
    path("account/second-step/off/", account.turn_off_second_step, name="turn-off-second-step"),
    path("account/second-step/codes/", account.renew_recovery_codes, name="renew-recovery-codes"),
    path("account/linked/", linked_accounts.link_account, name="link-account"),
    path("account/linked/remove/", linked_accounts.unlink_account, name="unlink-account"),
    path("password/", account.change_password, name="password"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="read-notices"),
    path("notices/mail/", notices.mail_settings, name="mail-settings"),
    path("notices/<int:pk>/open/", notices.open_notice, name="open-notice"),
    path("notices/<int:pk>/read/", notices.read_notice, name="read-notice"),
    path("verify/", verification.verify_typed, name="verify-typed"),
    path("verify/file/", verification.verify_file, name="verify-file"),
    path("verify/<str:code>/", verification.verify, name="verify"),
    path("demo/clock/", rounds.move_demo_clock, name="demo-move-clock"),
]
