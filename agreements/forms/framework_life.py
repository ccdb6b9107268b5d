"""Forms for the life of a framework: what next year's is called, and units that it names beside the offices'."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.forms.drafts import CodeField, office_field
from agreements.forms.fields import TextField, WholeNumberField, lines
from agreements.models import Framework, Organisation
from agreements.services.framework_life import Proposal, UnitRow
from scoring.read_framework import FIRST_FISCAL_YEAR, LAST_FISCAL_YEAR


class NextYearForm(forms.Form):
    """What the framework of another year is called, and whose it is."""

    organisation = forms.ModelChoiceField(label=_("Office"), queryset=Organisation.objects.none())
    title = TextField(label=_("Title"), max_length=500, widget=lines(2))
    fiscal_year = WholeNumberField(
        label=_("Fiscal year"), least=Decimal(FIRST_FISCAL_YEAR), most=Decimal(LAST_FISCAL_YEAR)
    )
    round = forms.ChoiceField(
        label=_("Round"), required=False, choices=[("", _("Whole year")), ("1", _("Round 1")), ("2", _("Round 2"))]
    )
    code = CodeField(label=_("Code"), max_length=80, help_text=_("Its name for ever. It cannot be changed later."))

    def __init__(
        self,
        data: Any = None,
        *,
        framework: Framework,
        proposal: Proposal,
        offices: Sequence[Organisation],
        may_serve_all: bool,
    ) -> None:
        own = framework.organisation if framework.organisation in offices else next(iter(offices), None)
        start = {"title": proposal.title, "fiscal_year": proposal.fiscal_year, "code": proposal.code}
        start |= {"round": str(framework.round_number or ""), "organisation": own}
        if framework.organisation is None and may_serve_all:
            start["organisation"] = None
        super().__init__(data, initial=start)
        self.fields["organisation"] = office_field(offices, may_serve_all=may_serve_all)
        self.order_fields(["organisation", "title", "fiscal_year", "round", "code"])

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if Framework.objects.filter(code=code).exists():
            message = _("There is a framework “%(code)s” already. Choose another code.")
            raise ValidationError(message, code="taken", params={"code": code})
        return code


class AddUnitsForm(forms.Form):
    """Units to name: those of the offices ticked, and one typed."""

    offered = forms.MultipleChoiceField(
        label=_("Units of the office"), required=False, widget=forms.CheckboxSelectMultiple
    )
    title = TextField(label=_("Another unit"), required=False, max_length=500)
    code = CodeField(label=_("Its unit code"), required=False, max_length=60)

    def __init__(self, data: Any = None, *, offered: Sequence[UnitRow]) -> None:
        super().__init__(data)
        self.rows = {row.code: row for row in offered}
        self.fields["offered"].choices = [(row.code, ", ".join(row.offices)) for row in offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if bool(data["title"]) != bool(data["code"]):
            self.add_error("code" if data["title"] else "title", _("A unit has a name and a code."))
        elif not data["offered"] and not data["title"]:
            raise ValidationError(_("Tick a unit, or write one."), code="nothing")
        return data

    def units(self) -> list[dict[str, str]]:
        """Return the units to add, in the shape of framework-format.md."""
        data = self.cleaned_data
        found = [{"code": code, "title": self.rows[code].title} for code in data["offered"]]
        return found + ([{"code": data["code"], "title": data["title"]}] if data["title"] else [])
