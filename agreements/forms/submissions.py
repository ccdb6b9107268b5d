"""Forms for what is done with reports as a whole: taking back, returning at a cell, unlocking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import TextField, lines
from agreements.services.report_cells import Cell
from agreements.services.submission_judging import Remark
from agreements.services.submission_tables import TableView


class UnlockForm(forms.Form):
    """Why an approved report is unlocked."""

    reason = TextField(
        label=_("Reason for unlocking it"),
        widget=lines(3),
        help_text=_("It stands with the new revision and in the log. The approved revision stays readable."),
    )


class ReturnSubmissionForm(forms.Form):
    """What is to be changed: in one cell, of the whole report, or both."""

    cell = forms.ChoiceField(label=_("Cell"), required=False)
    comment = TextField(label=_("What is to be changed in this cell"), required=False, widget=lines(2))
    reason = TextField(label=_("Reason in general"), required=False, widget=lines(3))

    def __init__(self, *args: Any, tables: Sequence[TableView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cells: dict[str, Cell] = {}
        groups = []
        for table in tables:
            choices = []
            for row in table.rows:
                for cell in row.cells:
                    self.cells[cell.address] = cell.cell
                    choices.append((cell.address, f"{row.row.title} · {cell.column['title']}"))
            groups.append((table.title, choices))
        self.fields["cell"].choices = [("", _("No cell: the whole report")), *groups]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a cell without a comment, a comment without a cell, and neither of them without a reason."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("cell") and not given.get("comment"):
            self.add_error("comment", _("Say what is to be changed in this cell."))
        if given.get("comment") and not given.get("cell"):
            self.add_error("cell", _("Choose the cell that this is about."))
        if not given.get("cell") and not given.get("comment") and not given.get("reason"):
            self.add_error("reason", _("Say what is to be changed: at a cell, or of the whole report."))
        return given

    def remarks(self) -> list[Remark]:
        """Return what is said of the cell, if one was chosen."""
        chosen = self.cleaned_data["cell"]
        return [Remark(self.cells[chosen], self.cleaned_data["comment"])] if chosen else []
