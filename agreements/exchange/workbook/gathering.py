"""The sheets of a workbook gathered into one framework document, each entry with the row that it came from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from agreements.exchange.workbook.cells import CellRefused
from agreements.exchange.workbook.columns import Column, heading_key
from agreements.exchange.workbook.layout import (
    COMPOSITE,
    HEAD,
    HEAD_NAME,
    INDICATORS,
    INSTRUCTIONS,
    KINDS,
    LISTS,
    OF_INDICATORS,
    SHEETS,
)
from agreements.exchange.workbook.opening import RawSheet
from agreements.exchange.workbook.places import Places
from agreements.exchange.workbook.tables import Notes, Row, Table, TooManyFaults, is_blank, read_cell

_HEAD_KEY = "head"
_NAMES = {heading_key(name): key for key, name in [(_HEAD_KEY, HEAD_NAME), *((one.key, one.name) for one in SHEETS)]}


@dataclass(slots=True, kw_only=True)
class Node:
    """An indicator that is being gathered."""

    entry: dict[str, Any]
    row: int
    parent: str = ""
    place: str = ""
    children: list["Node"] = field(default_factory=list)
    is_composite: bool = False


@dataclass(slots=True)
class Gathered:
    """The document that a workbook holds, where its entries stand, and what was noted on the way."""

    document: dict[str, Any] = field(default_factory=dict)
    places: Places = field(default_factory=Places)
    notes: Notes = field(default_factory=Notes)
    sheets: list[str] = field(default_factory=list)


def gather(sheets: list[RawSheet]) -> Gathered:
    """Return the document that `sheets` hold."""
    gathered = Gathered()
    try:
        _Gatherer(gathered).gather(sheets)
    except TooManyFaults:
        gathered.notes.remarks.append(_("There are more faults than are listed. Mend these first."))
    return gathered


class _Gatherer:
    """Reads the sheets in the order in which they depend on one another."""

    def __init__(self, gathered: Gathered) -> None:
        self._document = gathered.document
        self._places = gathered.places
        self._notes = gathered.notes
        self._gathered = gathered
        self._by_code: dict[str, Node] = {}
        self._steps: dict[tuple[str, Any], tuple[dict[str, Any], str]] = {}

    def gather(self, sheets: list[RawSheet]) -> None:
        found = self._recognised(sheets)
        self._places.put("", found[_HEAD_KEY].name if _HEAD_KEY in found else HEAD_NAME, 0, {})
        if _HEAD_KEY in found:
            self._gather_head(found[_HEAD_KEY])
        for sheet in LISTS:
            if sheet.key in found:
                self._gather_list(Table(found[sheet.key], sheet, self._notes))
        if INDICATORS.key in found:
            self._gather_indicators(Table(found[INDICATORS.key], INDICATORS, self._notes))
        for sheet in OF_INDICATORS:
            if sheet.key in found:
                self._gather_particulars(Table(found[sheet.key], sheet, self._notes))
        for node in self._by_code.values():
            _name_measure(node.entry)

    def _recognised(self, sheets: list[RawSheet]) -> dict[str, RawSheet]:
        found: dict[str, RawSheet] = {}
        for raw in sheets:
            key = _NAMES.get(heading_key(raw.name))
            if key and key not in found:
                found[key] = raw
                self._gathered.sheets.append(raw.name)
            elif heading_key(raw.name) != heading_key(INSTRUCTIONS) and raw.rows:
                self._notes.remarks.append(
                    _("The sheet “%(sheet)s” is not one of a framework and is not read.") % {"sheet": raw.name[:40]}
                )
        for key, name in ((_HEAD_KEY, HEAD_NAME), (INDICATORS.key, INDICATORS.name)):
            if key not in found:
                message = _("The sheet “%(sheet)s” is missing. Begin with a workbook downloaded from the portal.")
                self._notes.fault("missing_sheet", message % {"sheet": name}, name, 0, 0)
        return found

    # --- The framework's own facts -----------------------------------------------------------------------------------
    def _gather_head(self, raw: RawSheet) -> None:
        known = {heading_key(name): column for column in HEAD for name in (column.title, column.path)}
        self._document["fiscal_year"] = None
        for number, cells in enumerate(raw.rows[1:], start=1):
            label, cell = [*cells, "", ""][:2]
            if is_blank(label) and is_blank(cell):
                continue
            column = known.get(heading_key(str(label)))
            if column is None:
                message = _("There is no entry “%(label)s”. Allowed: %(allowed)s.")
                allowed = ", ".join(one.title for one in HEAD)
                self._notes.fault(
                    "unknown_entry", message % {"label": str(label)[:40], "allowed": allowed}, raw.name, number, 0
                )
                continue
            self._places.put(column.path, raw.name, number, {"": 1})
            self._take_head(raw, number, column, cell)

    def _take_head(self, raw: RawSheet, number: int, column: Column, cell: Any) -> None:
        if refusal := raw.refused.get((number, 1)):
            self._notes.fault("refused", refusal, raw.name, number, 1)
        elif not is_blank(cell):
            try:
                self._document[column.path] = read_cell(cell, column)
            except CellRefused as refusal:
                self._notes.fault("not_understood", str(refusal), raw.name, number, 1)

    def _gather_list(self, table: Table) -> None:
        self._places.put(table.sheet.path, table.raw.name, 0, {})
        for row in table.rows():
            entries = self._document.setdefault(table.sheet.path, [])
            self._places.put(f"{table.sheet.path}[{len(entries)}]", table.raw.name, row.number, table.places)
            entries.append({table.columns[place].path: value for place, value in row.values.items()})

    # --- The indicators ----------------------------------------------------------------------------------------------
    def _gather_indicators(self, table: Table) -> None:
        self._places.put("indicators", table.raw.name, 0, {})
        nodes = [_node(row, table.columns) for row in table.rows()]
        for node in nodes:
            self._by_code.setdefault(str(node.entry.get("code", "")), node)
        roots = []
        for node in nodes:
            if not node.parent:
                roots.append(node)
            elif node.parent in self._by_code and self._by_code[node.parent] is not node:
                self._by_code[node.parent].children.append(node)
            else:
                self._no_such_indicator(table, node.row, table.places.get("parent", 0), node.parent)
        self._document["indicators"] = [node.entry for node in roots]
        reached = {id(node) for node in self._placed(roots, table)}
        for node in nodes:
            if id(node) not in reached and node.parent in self._by_code and self._by_code[node.parent] is not node:
                message = _("The indicators above this one lead back to it. Choose another in “%(column)s”.")
                column = INDICATORS.columns[1].title
                table.fault("circular", message % {"column": column}, node.row, table.places.get("parent", 0))

    def _placed(self, roots: list[Node], table: Table) -> Iterator[Node]:
        """Yield every indicator that is reached from the top, its place noted and its children put in."""
        waiting = [(node, f"indicators[{number}]") for number, node in enumerate(roots)]
        while waiting:
            node, place = waiting.pop()
            node.place = place
            self._places.put(node.place, table.raw.name, node.row, table.places)
            if node.children or node.is_composite:
                node.entry["children"] = [child.entry for child in node.children]
            yield node
            waiting.extend((child, f"{node.place}.children[{at}]") for at, child in enumerate(node.children))

    def _no_such_indicator(self, table: Table, row: int, column: int, code: str) -> None:
        message = _("There is no indicator “%(code)s” on the sheet “%(sheet)s”. Correct the code, or add it there.")
        table.fault("unknown_indicator", message % {"code": code[:60], "sheet": INDICATORS.name}, row, column)

    # --- What stands on sheets of its own ----------------------------------------------------------------------------
    def _gather_particulars(self, table: Table) -> None:
        owner = table.owner_place
        if owner is None:
            return
        for row in table.rows():
            code = row.values.pop(owner, None)
            node = self._by_code.get(str(code))
            if code is None:
                if (row.number, owner) not in table.raw.refused:
                    message = _("The code of the indicator is missing. Fill it in on every row.")
                    table.fault("no_code", message, row.number, owner)
            elif node is None:
                self._no_such_indicator(table, row.number, owner, str(code))
            elif self._fits(table, row, node, owner):
                self._put(table, row, node, owner)

    def _fits(self, table: Table, row: Row, node: Node, owner: int) -> bool:
        """Return whether the indicator has criteria of this sheet's kind; one without a kind gets it from here."""
        if not table.sheet.kind:
            return True
        if not row.values:
            return False
        kind = (
            COMPOSITE
            if node.is_composite
            else node.entry.setdefault("criteria", {}).setdefault("kind", table.sheet.kind)
        )
        if kind == table.sheet.kind:
            return True
        message = _(
            "Indicator %(code)s has criteria of the kind “%(kind)s”, so this row counts for nothing. "
            "Choose “%(here)s” on the sheet “%(sheet)s”, or delete the row."
        )
        labels = {"kind": KINDS.write(kind), "here": KINDS.write(table.sheet.kind), "sheet": INDICATORS.name}
        table.fault("other_kind", message % {"code": node.entry.get("code", ""), **labels}, row.number, owner)
        return False

    def _put(self, table: Table, row: Row, node: Node, owner: int) -> None:
        sheet = table.sheet
        entry = _entry(row, table.columns)
        if sheet.key == "parts":
            self._put_part(table, row, node, entry)
        elif sheet.is_one_node:
            self._put_node(table, row, node, entry, owner)
        elif sheet.named:
            self._put_named(table, row, node, entry)
        elif row.values:
            listed = _list_at(node.entry, sheet.path)
            place = f"{node.place}.{sheet.path}[{len(listed)}]"
            self._places.put(place, table.raw.name, row.number, table.places)
            listed.append(entry[""] if "" in entry else _spanned(entry))
            if sheet.key == "steps":
                self._steps.setdefault((str(node.entry.get("code")), entry.get("level")), (entry, place))

    def _put_node(self, table: Table, row: Row, node: Node, entry: dict[str, Any], owner: int) -> None:
        place = f"{node.place}.{table.sheet.path}"
        if place in self._places.rows:
            message = _("Indicator %(code)s stands here twice. Delete one row.") % {"code": node.entry.get("code", "")}
            table.fault("duplicate", message, row.number, owner)
            return
        self._places.put(place, table.raw.name, row.number, table.places)
        node.entry[table.sheet.path] |= entry

    def _put_named(self, table: Table, row: Row, node: Node, entry: dict[str, Any]) -> None:
        sheet = table.sheet
        name = str(entry.pop(sheet.named, ""))
        column = table.places.get(sheet.named, 0)
        if not name:
            if row.values:
                table.fault("missing", _("This is missing and has to be given."), row.number, column)
            return
        place = f"{node.place}.{sheet.path}.{name}"
        if place in self._places.rows:
            message = _("“%(given)s” stands here twice; it may stand only once.") % {"given": name[:60]}
            table.fault("duplicate", message, row.number, column)
            return
        self._places.put(place, table.raw.name, row.number, table.places)
        # A row with a level and no words is described by nothing.
        _mapping_at(node.entry, sheet.path)[name] = entry.get("") if "" in table.places else entry

    def _put_part(self, table: Table, row: Row, node: Node, entry: dict[str, Any]) -> None:
        level = entry.pop("level", None)
        known = self._steps.get((str(node.entry.get("code")), level))
        if known is None:
            message = _("Indicator %(code)s has no step of level “%(level)s” on the sheet “%(sheet)s”. Add it there.")
            steps = next(sheet.name for sheet in OF_INDICATORS if sheet.key == "steps")
            values = {
                "code": node.entry.get("code", ""),
                "level": "" if level is None else str(level)[:20],
                "sheet": steps,
            }
            table.fault("unknown_step", message % values, row.number, table.places.get("level", 0))
            return
        step, place = known
        parts = step.setdefault("parts", [])
        self._places.put(f"{place}.parts[{len(parts)}]", table.raw.name, row.number, table.places)
        parts.append(entry)


def _name_measure(entry: dict[str, Any]) -> None:
    """Say what an indicator with a formula, or with a checklist, measures by, where its cell was left empty."""
    measure = entry.get("measure", {})
    if measure and "kind" not in measure:
        measure["kind"] = "checklist" if "items" in measure else "formula"


# --- Values into entries ---------------------------------------------------------------------------------------------
def _node(row: Row, columns: Mapping[int, Column]) -> Node:
    entry = _entry(row, columns)
    node = Node(entry=entry, row=row.number, parent=str(entry.pop("parent", "")))
    criteria = entry.get("criteria")
    if criteria and criteria.get("kind") == COMPOSITE:
        node.is_composite = True
        del criteria["kind"]
        if not criteria:
            del entry["criteria"]
    return node


def _entry(row: Row, columns: Mapping[int, Column]) -> dict[str, Any]:
    """Return the values of `row` by the key paths of their columns, nested."""
    entry: dict[str, Any] = {}
    for place, value in row.values.items():
        path = columns[place].path
        if "." not in path:
            entry[path] = value
            continue
        *outer, last = path.split(".")
        inner = entry
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return entry


def _spanned(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a target whose period ends in a column of its own with the period as the format has it."""
    if "to" in entry:
        entry["period"] = {"from": entry.get("period"), "to": entry.pop("to")}
    return entry


def _list_at(entry: dict[str, Any], path: str) -> list[Any]:
    *outer, last = path.split(".")
    return _inner(entry, outer).setdefault(last, [])


def _mapping_at(entry: dict[str, Any], path: str) -> dict[str, Any]:
    return _inner(entry, path.split("."))


def _inner(entry: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    for key in keys:
        entry = entry.setdefault(key, {})
    return entry
