"""What the database itself refuses: changing, deleting or adding to what was signed, published or logged.

One list, `GUARDS`, says which rows; triggers on SQLite and PostgreSQL hold it, against every program that writes.
`put_up` makes them, after every migrate (apps.py), because SQLite drops them when a table is remade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_SIGNED = "EXISTS (SELECT 1 FROM agreements_signature AS s WHERE s.version_id = {row}.%s)"
# What a commentator signs at the end is what was reported, before it is assessed.
_CLOSES = "s.stage = 'result' AND s.capacity <> 'commentator'"
_RESULT_SIGNED = f"EXISTS (SELECT 1 FROM agreements_signature AS s WHERE s.version_id = {{row}}.%s AND {_CLOSES})"
# A version made where only the result went back holds what was signed at the start in the version before.
_CARRIED = "EXISTS (SELECT 1 FROM agreements_version AS v WHERE v.id = {row}.%s AND v.agreed_in_id IS NOT NULL)"

ALWAYS = "1 = 1"
VERSION_SIGNED = _SIGNED % "id"
VERSION_RESULT_SIGNED = _RESULT_SIGNED % "id"
BELONGS_TO_SIGNED = f"({_SIGNED % 'version_id'} OR {_CARRIED % 'version_id'})"
BELONGS_TO_RESULT_SIGNED = _RESULT_SIGNED % "version_id"
# Whose turn comes later may be replaced until they have signed; a version that carries has no signature of its own yet.
PARTY_SIGNED = (
    f"({_SIGNED % 'version_id'} AND ({{row}}.capacity NOT IN ('reviewer', 'reviewer_2', 'witness') OR EXISTS (SELECT 1"
    " FROM agreements_signature AS s WHERE s.version_id = {row}.version_id AND s.capacity = {row}.capacity)))"
)
# Results belong to the part: a return makes a version without a signature current, and they may change again.
_ASSESSED = (
    "EXISTS (SELECT 1 FROM agreements_signature AS s JOIN agreements_version AS v ON v.id = s.version_id"
    f" WHERE v.part_id = %s AND v.is_current AND {_CLOSES})"
)
RESULT_ASSESSED = _ASSESSED % "{row}.part_id"
EVIDENCE_ASSESSED = _ASSESSED % "(SELECT r.part_id FROM agreements_result AS r WHERE r.id = {row}.result_id)"
AGREEMENT_SIGNED = (
    "EXISTS (SELECT 1 FROM agreements_signature AS s JOIN agreements_version AS v ON v.id = s.version_id"
    " JOIN agreements_part AS p ON p.id = v.part_id WHERE p.agreement_id = {row}.%s)"
)
WITNESSED = (
    "EXISTS (SELECT 1 FROM agreements_signature AS s WHERE s.version_id = {row}.version_id AND s.capacity = 'witness')"
)
IS_PUBLISHED = "{row}.status <> 'draft'"
BELONGS_TO_PUBLISHED = (
    "EXISTS (SELECT 1 FROM agreements_framework AS f WHERE f.id = {row}.framework_id AND f.status <> 'draft')"
)
IS_CERTIFIED = "{row}.certified_at IS NOT NULL"
BELONGS_TO_CERTIFIED = (
    "EXISTS (SELECT 1 FROM agreements_revision AS r WHERE r.id = {row}.revision_id AND r.certified_at IS NOT NULL)"
)
EVERY_COLUMN = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Rows of a model that hold still, and what of them does."""

    model: str
    # For which rows, as SQL over {row}.
    rows: str = ALWAYS
    # Columns that do not change; EVERY_COLUMN for all of them.
    columns: tuple[str, ...] = ()
    # A change that is refused whatever its columns, as SQL over OLD and NEW.
    change: str = ""
    # A change that is allowed all the same, as SQL over OLD and NEW.
    unless: str = "1 = 0"
    # The column that says where a row belongs, where nothing is to be moved in, or added, either.
    belongs_to: str = ""
    adds: bool = False
    deletes: bool = True
    # Tells the guards of one model apart.
    name: str = ""

    @property
    def meta(self) -> Any:
        """What Django knows of the model's table."""
        return apps.get_model("agreements", self.model)._meta  # noqa: SLF001  documented, for all its underscore


GUARDS: tuple[Guard, ...] = (
    # Only ever inserted.
    Guard(model="Signature", columns=EVERY_COLUMN),
    Guard(model="Snapshot", columns=EVERY_COLUMN),
    Guard(model="KeptState", columns=EVERY_COLUMN),
    # What each assessment came to; the next one makes the next row.
    Guard(
        model="Outcome",
        columns=(
            "agreement",
            "version",
            "signature",
            "before",
            "graded",
            "achievement",
            "self_achievement",
            "grade",
            "is_near_edge",
            "reasons_missing",
            "plans_missing",
        ),
    ),
    Guard(model="Event", columns=EVERY_COLUMN),
    # Retention erases a text as a whole (services/retention.py logs it); nobody rewrites one.
    Guard(model="EventText", columns=EVERY_COLUMN, deletes=False),
    # A finished form: whoever prints it again gets the same file.
    Guard(model="FrozenForm", columns=EVERY_COLUMN),
    # What units were asked to report; a changed form is the next version.
    Guard(model="ReportForm", columns=EVERY_COLUMN),
    # What a unit reported: certified it holds still, and so does what was begun from which.
    Guard(model="Submission", columns=("form_code", "organisation", "period", "opened_at")),
    Guard(model="Revision", columns=("submission", "number", "cause", "reason", "begun_by", "begun_at")),
    Guard(
        model="Revision",
        name="certified",
        rows=IS_CERTIFIED,
        columns=("certified_by", "certified_as", "certified_at", "totals"),
        deletes=False,
    ),
    Guard(
        model="Revision",
        name="approved",
        rows="{row}.approved_at IS NOT NULL",
        columns=("approved_by", "approved_as", "approved_at"),
        deletes=False,
    ),
    Guard(model="Observation", rows=BELONGS_TO_CERTIFIED, columns=EVERY_COLUMN, belongs_to="revision", adds=True),
    Guard(
        model="CellComment",
        columns=("submission", "revision", "table", "row", "column", "text", "made_by", "made_at"),
    ),
    # A version whose content somebody signed.
    Guard(
        model="Version",
        rows=VERSION_SIGNED,
        columns=("part", "number", "reason", "agreed_in", "amends", "amends_because", "created_by", "created_at"),
    ),
    Guard(
        model="Version",
        name="result",
        rows=VERSION_RESULT_SIGNED,
        columns=("full_score_reason",),
        deletes=False,
    ),
    Guard(
        model="Version",
        name="again",
        change="NEW.is_current AND NOT OLD.is_current",
        # An amendment that was given up leaves the version that it was to amend.
        unless=(
            "EXISTS (SELECT 1 FROM agreements_version AS v WHERE v.amends_id = OLD.id AND v.abandoned_at IS NOT NULL)"
        ),
        deletes=False,
    ),
    Guard(model="Party", rows=PARTY_SIGNED, columns=EVERY_COLUMN, belongs_to="version"),
    Guard(
        model="Item",
        rows=BELONGS_TO_SIGNED,
        columns=("version", "indicator", "parent", "lineage", "code", "title", "goal", "weight", "order", "definition"),
        belongs_to="version",
    ),
    Guard(model="Item", name="added", rows=_SIGNED % "version_id", belongs_to="version", adds=True, deletes=False),
    Guard(
        model="AgreedCompetency",
        rows=BELONGS_TO_SIGNED,
        columns=("version", "kind", "order", "name", "levels", "expected"),
        belongs_to="version",
    ),
    Guard(
        model="AgreedCompetency",
        name="added",
        rows=_SIGNED % "version_id",
        belongs_to="version",
        adds=True,
        deletes=False,
    ),
    Guard(model="AgreedCompetency", name="result", rows=BELONGS_TO_RESULT_SIGNED, columns=("observed",), deletes=False),
    Guard(model="PlanRow", rows=BELONGS_TO_RESULT_SIGNED, columns=EVERY_COLUMN, belongs_to="version", adds=True),
    # What came of it, as assessed.
    Guard(
        model="Result",
        rows=RESULT_ASSESSED,
        columns=(
            "part",
            "lineage",
            "checkpoint",
            "inputs",
            "copied_from",
            "note",
            "verdict",
            "assessor_inputs",
            "assessor_score",
            "assessor_reason",
            "self_outcome",
            "evidence_at_hand",
            "confirmed_by",
            "confirmed_at",
            "judged",
        ),
        belongs_to="part",
    ),
    # Handed in and used in a signed assessment.
    Guard(
        model="Judgement",
        rows=f"({{row}}.handed_in_at IS NOT NULL AND {RESULT_ASSESSED})",
        columns=EVERY_COLUMN,
        belongs_to="part",
    ),
    # score_round gives an outcome to those that lack one.
    Guard(
        model="Result",
        name="outcome",
        rows=RESULT_ASSESSED,
        columns=("outcome",),
        unless="OLD.outcome IS NULL",
        deletes=False,
    ),
    Guard(
        model="Evidence",
        rows=EVIDENCE_ASSESSED,
        columns=("result", "stored", "name", "note", "listed_as", "added_by", "added_at"),
        belongs_to="result",
        adds=True,
    ),
    Guard(model="StoredFile", columns=("sha256", "size", "content_type", "file"), deletes=False),
    Guard(
        model="Agreement",
        rows=AGREEMENT_SIGNED % "id",
        columns=("round", "person"),
    ),
    Guard(model="Part", rows=AGREEMENT_SIGNED % "agreement_id", columns=("agreement", "number")),
    # Told and witnessed; before the witness signs, the assessee may sign after all.
    Guard(model="Refusal", rows=WITNESSED, columns=EVERY_COLUMN),
    # What was shared is read by others; it may still be answered.
    Guard(
        model="Note",
        rows="{row}.shared_at IS NOT NULL",
        columns=(
            "part",
            "owner",
            "owner_posting",
            "author",
            "about_day",
            "about_item",
            "about_competency",
            "text",
            "written_at",
            "shared_at",
        ),
    ),
    # What was published; a later version supersedes it.
    Guard(
        model="Framework",
        rows=IS_PUBLISHED,
        columns=(
            "organisation",
            "code",
            "version",
            "title",
            "level",
            "fiscal_year",
            "round_number",
            "total_weight",
            "header",
            "begun_from",
            "content_hash",
            "revision",
            "created_at",
            "published_at",
        ),
    ),
    Guard(
        model="Framework",
        name="status",
        rows=IS_PUBLISHED,
        columns=("status",),
        unless="OLD.status = 'published' AND NEW.status = 'superseded'",
        deletes=False,
    ),
    Guard(model="Dimension", rows=BELONGS_TO_PUBLISHED, columns=EVERY_COLUMN, belongs_to="framework", adds=True),
    Guard(model="Indicator", rows=BELONGS_TO_PUBLISHED, columns=EVERY_COLUMN, belongs_to="framework", adds=True),
)

#: Columns of guarded models that may change although the row is signed, each with the reason.
FREE: Mapping[str, Mapping[str, str]] = {
    "Version": {
        "is_current": "a later version takes its place; only the way back is refused",
        "abandoned_at": "an amendment is given up after its first signature",
        "checked_by": "HR checks a proposal after the assessee's signature; the log tells of it",
        "checked_at": "HR checks a proposal after the assessee's signature; the log tells of it",
        "screened_by": "the committee looks at it after the assessor's signature; the log tells of it",
        "screened_at": "the committee looks at it after the assessor's signature; the log tells of it",
    },
    "Outcome": {"is_current": "the next assessment takes its place"},
    "Item": {
        "cascades_from": "follows a draft of another agreement, and is no part of what is signed",
        "returned_because": "says what is to be mended, and is no part of what is signed",
    },
    "Submission": {
        "form": "a draft is entered by a later version of the form",
        "above": "fixed anew when it is certified; the log tells of it",
        "line": "fixed anew when it is certified; the log tells of it",
        "state": "moves on; the log tells of it",
        "number": "a further revision counts; those before stay",
        "due_on": "follows the holidays until it arrives",
        "closes_on": "follows the holidays until it arrives",
        "arrived_at": "what was taken back has not arrived; the log tells of it",
        "days_late": "follows the arrival",
        "totals": "follow what is approved below; as certified they stand in the revision",
        "reports": "follow what is approved below",
    },
    "CellComment": {
        "resolved_by": "says who saw to it; the log tells of it",
        "resolved_at": "says when it was seen to; the log tells of it",
    },
    "Note": {"answer": "the assessee answers", "answered_at": "the assessee answers"},
    "StoredFile": {
        "pages": "found again by whoever looks into the same content",
        "dated_on": "found again by whoever looks into the same content",
        "flaw": "found again by whoever looks into the same content",
    },
    "Result": {"updated_at": "says when the row was last written"},
    "Agreement": {
        "state": "moves on; verify_log compares it with the log",
        "state_since": "moves with the state",
        "organisation": "follows the person where the agreement is split; the log tells of it",
        "ended_from": "the log tells of ending and of taking up again",
        "ended_because": "the log tells of ending and of taking up again",
        "ended_reason": "the log tells of ending and of taking up again",
    },
    "Part": {
        "is_last": "a further part takes its place",
        "reason": "says why it was split; the log tells of it",
        "posting": "the parties that signed stand in Party",
        "assessor": "the parties that signed stand in Party",
        "starts_on": "a part is split by days in mid-round",
        "ends_on": "a part is split by days in mid-round",
        "state": "moves on; verify_log compares it with the log",
    },
}


# --- What stands in the database ------------------------------------------------------------------------------------
def wanted(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the triggers that should stand, each by its name as the database would tell it."""
    return {name: told for name, (told, _statements) in _triggers(connection).items()}


def standing(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the triggers that stand, as the database tells them."""
    question = {"sqlite": _STANDING_SQLITE, "postgresql": _STANDING_POSTGRESQL}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(question)
        return dict(cursor.fetchall())


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that should stand and do not, or not so."""
    found = standing(connection)
    return sorted(name for name, told in wanted(connection).items() if found.get(name) != told)


def put_up(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger of the list, anew where it stands already."""
    with transaction.atomic(using=connection.alias):
        take_down(connection)
        triggers = _triggers(connection).values()
        _execute(connection, chain.from_iterable(statements for _told, statements in triggers))


def take_down(connection: BaseDatabaseWrapper) -> None:
    """Remove every trigger of ours: only for what remakes tables, which SQLite refuses where a trigger names them."""
    with transaction.atomic(using=connection.alias):
        for name in standing(connection):
            if connection.vendor == "postgresql":
                # The trigger goes with its function.
                _execute(connection, [f'DROP FUNCTION "{name}"() CASCADE'])
            else:
                _execute(connection, [f'DROP TRIGGER "{name}"'])


def _execute(connection: BaseDatabaseWrapper, statements: Any) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


_STANDING_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard!_%' ESCAPE '!'"
# A trigger that was switched off (tgenabled) does not stand.
_STANDING_POSTGRESQL = (
    "SELECT t.tgname, concat_ws(' ', c.relname, t.tgtype, p.prosrc)"
    " FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid"
    " WHERE t.tgname LIKE 'guard!_%' ESCAPE '!' AND NOT t.tgisinternal AND t.tgenabled <> 'D'"
)


# --- How a guard becomes triggers -----------------------------------------------------------------------------------
def _triggers(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, list[str]]]:
    """Return each trigger as the database tells it, and the statements that make it."""
    made: dict[str, tuple[str, list[str]]] = {}
    # On the way back through the migrations some tables and columns are not there.
    there = _columns(connection)
    for guard in GUARDS:
        if not {field.column for field in guard.meta.concrete_fields} <= there.get(guard.meta.db_table, set()):
            continue
        for act, (first, then) in _refused(guard, connection.vendor).items():
            name = "_".join(filter(None, ["guard", guard.meta.db_table, guard.name, act.lower()]))
            made[name] = _FORMS[connection.vendor](name, guard.meta.db_table, act, (first, then))
    return made


def _columns(connection: BaseDatabaseWrapper) -> dict[str, set[str]]:
    """Return the columns of each table that is there."""
    question = {
        "sqlite": "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c",
        "postgresql": (
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        ),
    }[connection.vendor]
    columns: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(question)
        for table, column in cursor.fetchall():
            columns.setdefault(table, set()).add(column)
    return columns


def _refused(guard: Guard, vendor: str) -> dict[str, tuple[str, str]]:
    """Return by what is done (INSERT, UPDATE, DELETE, TRUNCATE) under which two conditions together it is refused.

    The first asks no other table.
    """
    refused = {}
    old, new = guard.rows.format(row="OLD"), guard.rows.format(row="NEW")
    changes = _changes(guard, vendor)
    if changes:
        concerned = f"{old} OR {new}" if guard.belongs_to else old
        refused["UPDATE"] = (f"({changes}) AND NOT ({guard.unless})", concerned)
    if guard.adds:
        refused["INSERT"] = (ALWAYS, new)
    if guard.deletes:
        refused["DELETE"] = (ALWAYS, old)
        if vendor == "postgresql":
            refused["TRUNCATE"] = (ALWAYS, ALWAYS)
        elif not guard.adds:
            # REPLACE deletes the row in its way without asking the trigger of DELETE.
            refused["INSERT"] = (ALWAYS, _in_the_way(guard))
    return refused


def _changes(guard: Guard, vendor: str) -> str:
    fields = {field.name: field for field in guard.meta.concrete_fields}
    named = [*fields] if guard.columns == EVERY_COLUMN else list(guard.columns)
    key = [guard.meta.pk.name] if named and guard.deletes else []
    differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    columns = [fields[name].column for name in dict.fromkeys(key + named)]
    changes = [f'NEW."{column}" {differs} OLD."{column}"' for column in columns]
    return " OR ".join(changes + ([guard.change] if guard.change else []))


def _in_the_way(guard: Guard) -> str:
    meta = guard.meta
    keys = [[field.column] for field in meta.concrete_fields if field.unique]
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None:
            keys.append([meta.get_field(name).column for name in constraint.fields])
    same = " OR ".join("(" + " AND ".join(f'was."{column}" = NEW."{column}"' for column in key) + ")" for key in keys)
    rows = guard.rows.format(row="was")
    return f'EXISTS (SELECT 1 FROM "{meta.db_table}" AS was WHERE ({same}) AND {rows})'


def _sqlite(name: str, table: str, act: str, refused: tuple[str, str]) -> tuple[str, list[str]]:
    statement = (
        f'CREATE TRIGGER "{name}" BEFORE {act} ON "{table}" WHEN ({refused[0]}) AND ({refused[1]})'
        f" BEGIN SELECT RAISE(ABORT, '{_sentence(name)}'); END"
    )
    return statement, [statement]


_TGTYPE = {"INSERT": 7, "DELETE": 11, "UPDATE": 19, "TRUNCATE": 34}


def _postgresql(name: str, table: str, act: str, refused: tuple[str, str]) -> tuple[str, list[str]]:
    row = "OLD" if act == "DELETE" else "NULL" if act == "TRUNCATE" else "NEW"
    body = (
        # One in the other: what asks no table costs next to nothing there.
        f"BEGIN IF {refused[0]} THEN IF {refused[1]} THEN RAISE EXCEPTION USING ERRCODE = 'restrict_violation',"
        f" MESSAGE = '{_sentence(name)}'; END IF; END IF; RETURN {row}; END"
    )
    each = "STATEMENT" if act == "TRUNCATE" else "ROW"
    statements = [
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$',
        f'CREATE TRIGGER "{name}" BEFORE {act} ON "{table}" FOR EACH {each} EXECUTE FUNCTION "{name}"()',
    ]
    return f"{table} {_TGTYPE[act]} {body}", statements


def _sentence(name: str) -> str:
    return f"{name}: what was signed, published or logged does not change"


_FORMS = {"sqlite": _sqlite, "postgresql": _postgresql}
