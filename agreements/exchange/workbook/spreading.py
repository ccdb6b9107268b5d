"""A framework document spread over the rows of its workbook."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agreements.exchange.workbook.cells import LONGEST_TEXT, Written, number_text
from agreements.exchange.workbook.columns import Column, Sheet
from agreements.exchange.workbook.layout import COMPOSITE, HEAD, INDICATORS, LISTS, OF_INDICATORS, OWNER

# As many columns of levels as a sheet can have beside its own.
MOST_LEVELS = 40


class NotWritable(Exception):
    """No workbook can hold this document; the message says what of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A sheet with the columns and rows that a document needs."""

    sheet: Sheet
    rows: list[list[Written | None]]


def head_of(document: Mapping[str, Any]) -> list[Written | None]:
    """Return the framework's own facts in the order of HEAD."""
    return [_written(document.get(column.path), column, "") for column in HEAD]


def pages_of(document: Mapping[str, Any]) -> Iterator[Page]:
    """Yield the sheets of the canonical `document` with their rows, the indicators first.

    :raises NotWritable: if a text is longer, or there are more levels, than a sheet holds.
    """
    walked = list(_walk(document.get("indicators", [])))
    rows = [_row(INDICATORS, _flat(entry, parent), entry.get("code", "")) for entry, parent in walked]
    yield Page(sheet=INDICATORS, rows=rows)
    for sheet in OF_INDICATORS:
        key = sheet.path.split(".")[0]
        holders = [entry for entry, _parent in walked if key in entry]
        yield _page(
            sheet, [(entry.get("code", ""), node) for entry in holders for node in _nodes(sheet, entry)], document
        )
    for sheet in LISTS:
        yield Page(sheet=sheet, rows=[_row(sheet, entry, "") for entry in document.get(sheet.path, [])])


def _walk(entries: list[Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield each indicator with its parent's code, parents before their children."""
    waiting = [(entry, "") for entry in reversed(entries)]
    while waiting:
        entry, parent = waiting.pop()
        yield entry, parent
        waiting.extend((child, entry.get("code", "")) for child in reversed(entry.get("children", [])))


def _flat(entry: Mapping[str, Any], parent: str) -> dict[str, Any]:
    flat = {**entry, "parent": parent or None}
    if "children" in entry and "criteria" not in entry:
        flat["criteria"] = {"kind": COMPOSITE}
    return flat


def facts_of(entry: Mapping[str, Any], parent: str) -> Iterator[tuple[str, str]]:
    """Yield what the workbook says of one indicator, in the words of its headings: a column, or a whole sheet, each."""
    flat = _flat(entry, parent)
    for column in INDICATORS.columns:
        yield column.title, _shown(_written(_at(flat, column.path), column, entry.get("code", "")))
    for sheet in OF_INDICATORS:
        page = _page(sheet, [(entry.get("code", ""), node) for node in _nodes(sheet, entry)], {})
        rows = (_described(page.sheet.columns, row) for row in page.rows)
        yield sheet.name, "\n".join(row for row in rows if row)


def head_facts_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what the workbook says of the framework itself, in the words of its headings."""
    for column, written in zip(HEAD, head_of(document), strict=True):
        yield column.title, _shown(written)
    for sheet in LISTS:
        rows = [_row(sheet, entry, "") for entry in document.get(sheet.path, [])]
        yield sheet.name, "\n".join(" · ".join(_shown(cell) for cell in row if cell is not None) for row in rows)


def _described(columns: tuple[Column, ...], row: list[Written | None]) -> str:
    cells = list(zip(columns, row, strict=True))[1:]
    return " · ".join(_named(column, cell) for column, cell in cells if cell is not None)


def _named(column: Column, cell: Written) -> str:
    return f"{column.title}: {_shown(cell)}" if column.form.is_number else _shown(cell)


def _shown(written: Written | None) -> str:
    if isinstance(written, float):
        return number_text(written)
    return "" if written is None else str(written)


def walk(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield each indicator of `document` with its parent's code, parents before their children."""
    return _walk(document.get("indicators", []))


def _page(sheet: Sheet, found: list[tuple[str, Mapping[str, Any]]], document: Mapping[str, Any]) -> Page:
    if sheet.has_levels:
        sheet = _levelled(sheet, [node for _code, node in found], document)
    return Page(sheet=sheet, rows=[_row(sheet, node, code) for code, node in found])


def _levelled(sheet: Sheet, nodes: list[Mapping[str, Any]], document: Mapping[str, Any]) -> Sheet:
    levels = {int(level) for node in nodes for level in node.get("levels", {})}
    labels = {int(level) for node in nodes for level in node.get("labels", {})}
    scale = document.get("scale") or [1, 2, 3, 4, 5]
    wanted = levels | (set(scale) if len(scale) <= MOST_LEVELS // 2 else set())
    if len(wanted) + len(labels) > MOST_LEVELS:
        message = _("There are more than %(limit)s columns of levels on the sheet “%(sheet)s”; export YAML instead.")
        raise NotWritable(message % {"limit": MOST_LEVELS, "sheet": sheet.name})
    return sheet.with_levels(wanted, labels)


def _nodes(sheet: Sheet, entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what of the indicator `entry` stands on `sheet`, a node a row."""
    if sheet.kind and entry.get("criteria", {}).get("kind") != sheet.kind:
        return
    if sheet.key == "parts":
        for step in entry["criteria"].get("steps", []):
            yield from ({**part, "level": step.get("level")} for part in step.get("parts", []))
        return
    found = _at(entry, sheet.path)
    if sheet.is_one_node:
        yield found
    elif sheet.named:
        for name, value in (found or {}).items():
            yield {sheet.named: name, **(value if isinstance(value, Mapping) else {"": value})}
    else:
        yield from (_as_row(value) for value in found or [])


def _as_row(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        return {"": value}
    if isinstance(span := value.get("period"), Mapping):
        return {**value, "period": span.get("from"), "to": span.get("to")}
    return value


def _at(node: Any, path: str) -> Any:
    if "." not in path:
        return node.get(path) if isinstance(node, dict) else None
    for key in path.split("."):
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def _row(sheet: Sheet, node: Mapping[str, Any], code: str) -> list[Written | None]:
    return [
        code if column is OWNER else _written(_at(node, column.path), column, code or sheet.name)
        for column in sheet.columns
    ]


def _written(value: Any, column: Column, where: str) -> Written | None:
    if value is None:
        return None
    written = column.form.write(value)
    if isinstance(written, str) and len(written) > LONGEST_TEXT:
        message = _(
            "“%(column)s” of %(where)s is longer than a cell holds (%(limit)s characters); export YAML instead."
        )
        raise NotWritable(message % {"column": column.title, "where": where, "limit": f"{LONGEST_TEXT:,}"})
    return written
