"""Which tables a KPI template has, and the formset of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.template_rows import ClassRow, ItemFaultRow, ItemRow, PartRow, PenaltyRow, Row, VariableRow
from agreements.forms.template_targets import TargetRow

TABLES: Mapping[str, type[Row]] = {
    "variables": VariableRow,
    "parts": PartRow,
    "penalties": PenaltyRow,
    "classes": ClassRow,
    "items": ItemRow,
    "item_faults": ItemFaultRow,
    "targets": TargetRow,
}
TITLES = {
    "variables": _("Variables"),
    "parts": _("Parts of the steps"),
    "penalties": _("Faults that cost points"),
    "classes": _("Classes"),
    "items": _("Items"),
    "item_faults": _("Faults that cost points"),
    "targets": _("Targets of periods"),
}
EMPTY_ROWS = {"variables": 2, "parts": 2, "penalties": 1, "classes": 3, "items": 3, "item_faults": 1, "targets": 2}


def tables(data: Any, initial: Mapping[str, list[dict[str, Any]]], levels: Sequence[int]) -> dict[str, Any]:
    """Return a formset for each table, bound to `data` or beginning with `initial` and a few empty rows."""
    made: dict[str, Any] = {}
    for prefix, row in TABLES.items():
        rows = initial.get(prefix, [])
        formset = forms.formset_factory(row, extra=1 if rows else EMPTY_ROWS[prefix])
        takes_levels = {"levels": levels} if row in {PartRow, ClassRow} else {}
        # Bound rows are compared with nothing: one that says what it said at the beginning is no empty row.
        made[prefix] = formset(data, initial=rows if data is None else None, prefix=prefix, form_kwargs=takes_levels)
        made[prefix].title = TITLES[prefix]
    return made
