"""Signing: the opinion that some signatures carry, and what was shown when the page was opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from agreements import actions
from agreements.forms.agreements import ReviewForm
from agreements.forms.fields import BuddhistDateField, TextField
from agreements.forms.states import CommentForm
from agreements.models import Capacity, User

# Those who sign that they agree, or that they differ and how.
WITH_OPINION = {Capacity.REVIEWER, Capacity.REVIEWER_2}


def opinion_form(action: actions.Action, *args: Any, **kwargs: Any) -> ReviewForm | CommentForm | None:
    """Return the form that goes with the signature `action`, where it carries an opinion or a comment."""
    if action.capacity == Capacity.COMMENTATOR:
        return CommentForm(*args, is_needed=action == actions.COMMENT_RESULT, **kwargs)
    return ReviewForm(*args, **kwargs) if action.capacity in WITH_OPINION else None


# --- What was shown --------------------------------------------------------------------------------------------------
# The form itself carries the content that was shown, compressed and signed, so that a refusal can say what changed.
# Nothing is written when a page is only looked at, nothing has to be cleaned up, and any web node can answer. The
# signature keeps strangers' compressed data away from the decompressor.
_SALT = "agreements.shown"


def keep_shown(content: Mapping[str, Any], *, to: User) -> str:
    """Return `content` as a form field that only `to` can send back."""
    return signing.dumps(content, salt=f"{_SALT}:{to.pk}", compress=True)


def shown_before(field: str, *, by: User) -> dict[str, Any] | None:
    """Return the content that the form field holds, none where it is not one that was given to `by`."""
    try:
        return dict(signing.loads(field, salt=f"{_SALT}:{by.pk}"))
    except (signing.BadSignature, ValueError, TypeError):
        return None


# --- Paper -----------------------------------------------------------------------------------------------------------
class PaperForm(forms.Form):
    """A signature on paper: the code and the day on it, and its scan."""

    code = TextField(
        label=_("Code printed on the paper"),
        max_length=40,
        help_text=_("At the foot of every page. It shows that the paper says what the portal says."),
        widget=forms.TextInput(attrs={"class": "date code", "autocomplete": "off", "spellcheck": "false"}),
    )
    signed_on = BuddhistDateField(label=_("Date beside the signature"), help_text=_("For example 31 มี.ค. 2556."))
    scan = forms.FileField(
        label=_("Scan of the signed paper"),
        help_text=_("A PDF or a picture of the page with the signature."),
        allow_empty_file=True,
    )


class PaperOpinionForm(ReviewForm, PaperForm):
    """A signature on paper that carries an opinion."""

    field_order = ("code", "signed_on", "decision", "comment", "scan")


def paper_form(action: actions.Action, *args: Any, **kwargs: Any) -> PaperForm:
    """Return the form that records the signature `action` from paper."""
    kind = PaperOpinionForm if action.capacity in WITH_OPINION else PaperForm
    return kind(*args, **kwargs)
