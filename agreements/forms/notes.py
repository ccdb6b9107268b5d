"""Forms for notes on work and behaviour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import BuddhistDateField, TextField, lines
from agreements.models import AgreedCompetency, Item, Note
from agreements.services.notes import Remark


class NoteForm(forms.Form):
    """A remark: of which day, what it is about, and what was seen."""

    about_day = BuddhistDateField(label=_("Day"), help_text=_("The day that it is about, for example 18 ก.พ. 2556."))
    about = forms.ChoiceField(label=_("What it is about"), required=False)
    text = TextField(
        label=_("What you noted"),
        widget=lines(4),
        help_text=_("What was done and how, as it was seen; it helps you when you score. Private until you share it."),
    )

    def __init__(
        self, *args: Any, items: Iterable[Item], competencies: Iterable[AgreedCompetency], today: date, **kwargs: Any
    ) -> None:
        note: Note | None = kwargs.pop("note", None)
        kwargs.setdefault("initial", _initial(note) if note else {"about_day": today})
        super().__init__(*args, **kwargs)
        self.fields["about_day"].widget.attrs["class"] = "date"
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            ("", _("Work and behaviour at large")),
            (_("Indicators"), [(f"item {one.lineage}", f"{one.code} {one.title}") for one in items]),
            (_("Competencies"), [(f"competency {one.order}", f"{one.order} {one.name}") for one in competencies]),
        ]

    def remark(self) -> Remark:
        """Return what was typed."""
        kind, _space, about = self.cleaned_data["about"].partition(" ")
        return Remark(
            about_day=self.cleaned_data["about_day"],
            text=self.cleaned_data["text"],
            about_item=UUID(about) if kind == "item" else None,
            about_competency=int(about) if kind == "competency" else None,
        )


def _initial(note: Note) -> dict[str, Any]:
    about = f"item {note.about_item}" if note.about_item else ""
    if note.about_competency is not None:
        about = f"competency {note.about_competency}"
    return {"about_day": note.about_day, "about": about, "text": note.text}


class AnswerForm(forms.Form):
    """What the assessee says to a shared note."""

    answer = TextField(label=_("Your answer"), widget=lines(3))
