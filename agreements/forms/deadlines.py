"""Forms for deadlines: those of a round, more time for somebody, and time to mend what is returned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.forms.fields import BuddhistDateField, TextField, lines
from agreements.forms.organisations import PlaceField
from agreements.models import Organisation, Phase, Round
from agreements.services.extensions import Deadlines

EXAMPLE = _("For example 20 มี.ค. 2556. Leave it empty where there is no such day.")


class DeadlinesForm(forms.Form):
    """The last days of the phases of a round, and what becomes of what comes later."""

    propose_by = BuddhistDateField(label=_("Propose by"), required=False, help_text=EXAMPLE)
    report_by = BuddhistDateField(label=_("Report by"), required=False)
    assess_by = BuddhistDateField(label=_("Assess by"), required=False)
    late_submissions = forms.ChoiceField(
        label=_("What comes after a deadline is"),
        choices=Round.LateSubmissions.choices,
        widget=forms.RadioSelect,
        help_text=_("Writing stays possible either way: only handing in is refused. Nothing that was typed is lost."),
    )
    checks_completeness = forms.BooleanField(
        label=_("HR checks proposals for completeness before the assessor signs"), required=False
    )
    second_review = forms.BooleanField(
        label=_("A second superior gives an opinion, too"),
        required=False,
        help_text=_("Holds for agreements started from now on; in others, name the second reviewer one by one."),
    )

    def deadlines(self) -> Deadlines:
        """Return what was typed."""
        return Deadlines(**{name: self.cleaned_data[name] for name in Deadlines.__dataclass_fields__})


class TimeForm(forms.Form):
    """Until when more time is given, and why."""

    until = BuddhistDateField(label=_("Until"), help_text=_("The whole day counts, as the clock runs in Thailand."))
    reason = TextField(
        label=_("Reason"), widget=lines(3), help_text=_("It is kept in the log and shown to those concerned.")
    )


class ExtensionForm(TimeForm):
    """More time for a phase: for the agreements chosen before, or for a unit."""

    phase = forms.ChoiceField(label=_("What for"), choices=Phase.choices)
    unit = PlaceField(
        label=_("Unit"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("Choose a unit"),
        help_text=_("It holds for the unit and all below it."),
    )
    field_order = ("phase", "unit", "until", "reason")

    def __init__(self, *args: Any, units: Any, agreements: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agreements:
            del self.fields["unit"]
        else:
            unit = cast(PlaceField, self.fields["unit"])
            unit.offer(units)
            unit.required = True


class ReminderForm(forms.Form):
    """What HR adds to a reminder."""

    words = TextField(
        label=_("A sentence of your own"),
        required=False,
        max_length=500,
        widget=lines(2),
        help_text=_("May be left empty. It is shown in the portal only, never in an e-mail."),
    )


class MailForm(forms.Form):
    """Whether the daily e-mail is wanted."""

    wants_mail = forms.BooleanField(
        label=_("Send me an e-mail a day when something waits for me"),
        required=False,
        help_text=_("What was returned to you is mailed in any case."),
    )
