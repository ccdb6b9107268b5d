"""Every service that writes to the database leaves a record in the log, or stands here with the reason why not.

Read from the source: what a function calls, directly or through others of services/, tells whether it writes and
whether it logs. A new one that writes and does not log fails until it does, or is named below.
"""

import ast
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "agreements" / "services"

WRITES = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "update_or_create", "get_or_create",
    "create_user", "add_root", "add_child", "execute", "set_password",
}  # fmt: skip
# What these names mean elsewhere: a hash, a dictionary, a set.
NO_ROWS = {"read.states.update", "whole.update", "people.update", "found.update", "told.update", "named.update"}

DRAFT = "a draft that saves itself; proposing, reporting and signing are the acts"
ASSESSMENT = "the assessor's draft; signing the assessment is the act"
TEMPLATE = "a draft of a framework that saves itself; its beginning, deletions and publication are the acts"
PART = "a part of other services, which ask who may and log the act"
NOTICE = "a notice tells of an act or a day; the act itself is logged"
OWN_SETTING = "somebody's own notices and mail, which decide nothing for others"
NOTE = "private to the assessor until it is shared, which is the act"
JOB = "says how far background work is; what it does is logged by the service that does it"
DERIVED = "writes what follows by the rules from what was entered"

NATION = "made up, with nobody in the database; the records themselves are copied and chained"
NO_ACTS = {
    "agreements.choose_indicators": DRAFT,
    "agreements.write_own_indicator": DRAFT,
    "agreements.rewrite_own_indicator": DRAFT,
    "agreements.remove_item": DRAFT,
    "agreements.set_terms": DRAFT,
    "agreements.name_competencies": DRAFT,
    "agreements.begin": PART,
    "agreements.copy_indicator": PART,
    "agreements.expect_competencies": PART,
    "carry_over.copy_from_earlier": DRAFT,
    "amendments.judge_anew": PART,
    "evidence_lists.note_at_hand": PART,
    "evidence_lists.tick": DRAFT,
    "results.unconfirm": PART,
    "cascade.choose_above": DRAFT,
    "from_below.take": DRAFT,
    "judging.keep_drafts": "a draft of the unit that judges; handing in is the act",
    "judging_notices.write_due": NOTICE,
    "reporting_notices.tell_complete": NOTICE,
    "reporting_notices.tell_returned": NOTICE,
    "reporting_notices.tell_unlocked": NOTICE,
    "reporting_notices.write_due": NOTICE,
    "outcomes.keep": PART,
    "outcomes.catch_up": "counts what was signed before it was counted",
    "nation_copies.chain": NATION,
    "nation_moulds.walk": "takes the steps of people by their services, each of which logs its act",
    "nation_people.make_province": NATION,
    "notes.remove": NOTE,
    "notes.rewrite": NOTE,
    "notes.write": NOTE,
    "readings.note": "says that it was opened; what is done after is the act",
    "refusals.void": PART,
    "states.shift": PART,
    "versions.keep_agreed": PART,
    "versions.renew": PART,
    "versions.renew_items": PART,
    "versions.renew_rows": PART,
    "agreements.weigh_again": PART,
    "sub_indicators.write_own_sub_indicator": DRAFT,
    "sub_indicators.remove_own_sub_indicator": DRAFT,
    "jobs.ask": JOB,
    "jobs.ask_once": JOB,
    "jobs.claim": JOB,
    "jobs.give_back": JOB,
    "jobs.run": JOB,
    "jobs.say": JOB,
    "job_files.keep": "of a job; that it is fetched is logged as reading",
    "job_files.erase_due": "a copy for who asked, erased when its days are over",
    "library.copy_from_library": DRAFT,
    "library.fill_in": DRAFT,
    "results.enter": DRAFT,
    "results.result_for": PART,
    "results.keep_assessed": PART,
    "results.accept": ASSESSMENT,
    "results.correct": ASSESSMENT,
    "results.set_score": ASSESSMENT,
    "results.observe": ASSESSMENT,
    "results.explain_full_score": ASSESSMENT,
    "plans.write_plan": ASSESSMENT,
    "rounds.write": DERIVED,
    "drafts.add_indicator": TEMPLATE,
    "drafts.assign_units": TEMPLATE,
    "drafts.describe": TEMPLATE,
    "drafts.fill": PART,
    "drafts.keep_typed": TEMPLATE,
    "drafts.move_down": TEMPLATE,
    "drafts.move_up": TEMPLATE,
    "drafts.write_indicator": TEMPLATE,
    "evidence_check.remove_orphans": "content that nothing names any more; taking it off was the act",
    "framework_life.add_units": TEMPLATE,
    "framework_life.number_anew": TEMPLATE,
    "deadlines.mark": PART,
    "deadlines.still_late": DERIVED,
    "mail.send_digests": NOTICE,
    "more_time.tell": NOTICE,
    "notices.keep": NOTICE,
    "notices.tell_of": NOTICE,
    "notices.write_due": NOTICE,
    "notices.read_all": OWN_SETTING,
    "notices.read_one": OWN_SETTING,
    "notices.set_mail": OWN_SETTING,
    "draft_rows.copy_rows": PART,
    "draft_rows.rehash": PART,
    "draft_rows.renumber": PART,
    "draft_rows.touch": PART,
    "draft_rows.write_row": PART,
    "accounts.issue_code": PART,
    "opening.open": PART,
    "organisations.store_person": PART,
    "bindings.copy": DRAFT,
    "submissions.open_submission": "opens an empty draft; completing and certifying are the acts",
    "submissions.write_cells": "a draft that saves itself; completing and certifying are the acts",
    "submissions.begin": PART,
    "submissions.reopen": PART,
    "submission_rows.attach": "a cell of a draft that saves itself; completing and certifying are the acts",
    "submission_rows.remove_row": "cells of a draft that saves itself; completing and certifying are the acts",
    "submission_workbooks.take": "cells of a draft that saves itself; completing and certifying are the acts",
    "evidence.kept": PART,
    "evidence.look_at": PART,
    "submissions.begin_revision": PART,
    "submission_sums.approve_rows": PART,
    "submission_sums.sum_up": DERIVED,
    "organisations.store_posting": PART,
    "dashboard_sums.read": "asks in SQL of its own, and writes nothing",
}


def functions():
    """Return the functions of services/ by module and name, with what each module's names stand for."""
    found, names = {}, {}
    for path in sorted(SERVICES.glob("*.py")):
        module, tree = path.stem, ast.parse(path.read_text())
        names[module] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("agreements.services"):
                source = (node.module or "").removeprefix("agreements.services").lstrip(".")
                for alias in node.names:
                    # `from agreements.services import log` names a module, anything deeper a function of one.
                    stands_for = f"{source}.{alias.name}" if source else alias.name
                    names[module][alias.asname or alias.name] = stands_for
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found[f"{module}.{node.name}"] = node
            elif isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, ast.FunctionDef):
                        found[f"{module}.{method.name}"] = method
    return found, names


FUNCTIONS, NAMES = functions()


def called(name):
    """Yield what the function `name` calls: other services by module and name, anything else as it is written."""
    module = name.split(".")[0]
    for node in ast.walk(FUNCTIONS[name]):
        if isinstance(node, (ast.Name, ast.Attribute)):
            written = ast.unparse(node)
            head, _dot, rest = written.partition(".")
            stands_for = NAMES[module].get(head)
            if stands_for:
                yield f"{stands_for}.{rest}" if rest else stands_for
            elif f"{module}.{written}" in FUNCTIONS:
                yield f"{module}.{written}"


def writes(name):
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and ast.unparse(node.func) not in NO_ROWS
        and not ast.unparse(node.func).startswith("default_storage")
        for node in ast.walk(FUNCTIONS[name])
    )


def reach(name, seen=None):
    """Return everything that `name` may come to call."""
    seen = set() if seen is None else seen
    if name in seen or name not in FUNCTIONS:
        return seen
    seen.add(name)
    for further in called(name):
        reach(further, seen)
    return seen


def is_public(name):
    return not name.split(".")[1].startswith("_")


WRITERS = sorted(name for name in FUNCTIONS if is_public(name) and any(writes(one) for one in reach(name)))


def unlogged(writers, no_acts):
    return [name for name in writers if "log.record" not in reach(name) and name not in no_acts]


def test_every_service_that_writes_logs_it_or_says_why_not():
    assert unlogged(WRITERS, NO_ACTS) == []


def test_the_reasons_are_of_services_that_write_and_do_not_log():
    assert [name for name in NO_ACTS if name not in WRITERS or "log.record" in reach(name)] == []


@pytest.mark.parametrize(
    "name",
    ["agreements.open_agreement", "states.return_with_reason", "signing.sign_off", "organisations.give_role",
     "accounts.issue_codes", "accounts.disable", "frameworks.publish", "drafts.revise", "staff_list.take",
     "offices.create_office", "retention.erase_texts"],
)  # fmt: skip
def test_what_is_known_to_log_is_seen_to_log(name):
    assert name in WRITERS
    assert "log.record" in reach(name)


def test_a_service_that_writes_and_does_not_log_would_be_noticed():
    # The control: without its reason, a draft's own writing stands there as unlogged.
    assert unlogged(WRITERS, {}) == sorted(NO_ACTS)
