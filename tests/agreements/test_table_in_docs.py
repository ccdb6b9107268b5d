"""The table of acts in docs/architecture.md says what agreements/actions.py says."""

from pathlib import Path

from django.utils import translation

from agreements import actions
from agreements.models import MAIN_LINE

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"
HEAD = "| act | from | by | leads to |\n|---|---|---|---|\n"
WHO = {
    actions.is_assessee: "assessee",
    actions.is_assessor: "assessor",
    actions.is_commentator: "commentator",
    actions.is_reviewer: "reviewer",
    actions.is_reviewer_2: "second reviewer",
    actions.is_witness: "witness",
    actions.is_hr: "HR",
    actions.is_screener: "member of the screening committee",
    actions.RETURN_ASSESSMENT.who: "HR or a member of the screening committee",
    actions.EDIT.who: "assessee or assessor",
    actions.DISAGREE.who: "assessee or assessor",
    actions.REFUSE.who: "assessor or HR",
    actions.AMEND.who: "assessee or assessor",
    actions.ABANDON_AMENDMENT.who: "assessee or assessor, of an open amendment",
    actions.SPLIT.who: "HR, at the last part",
    **{one.who: "witness of an organisation's agreement" for one in actions.WITNESSES_START},
    actions.ENTER.who: "assessee; a collector of their indicators",
    actions.CONFIRM.who: "owner of the indicator",
    actions.KEEP_STATE.who: "assessee of an organisation's agreement",
    actions.GIVE_DUTIES.who: "assessee or HR, of an organisation's agreement",
}
TARGETS = {
    "split": "where it is, a further draft beside it",
    "note": "where it is",
    "give-duties": "where it is",
    "replace": "where it is, or draft",
    "resume": "where it was",
}


def table():
    """Return the table as the page has it."""
    return HEAD + "".join(_row(action) for action in actions.ACTIONS)


def _row(action):
    with translation.override("en"):
        signs = " (signature)" if action.is_signature else ""
        target = TARGETS.get(action.code, str(action.target))
        return f"| {action.label}{signs} | {_states(action.sources)} | {WHO[action.who]} | {target} |\n"


def _states(states):
    """Return states in a row as a span of the main line."""
    places = [MAIN_LINE.index(state) for state in states if state in MAIN_LINE]
    in_a_row = len(places) > 2 and places == list(range(places[0], places[-1] + 1))
    return f"{states[0]} … {states[-1]}" if in_a_row else ", ".join(states)


def test_the_docs_have_the_table_of_acts():
    assert table() in ARCHITECTURE.read_text()
