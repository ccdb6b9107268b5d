"""Trying a value: what would it score?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agreements.forms.results import ResultForm

DECIDED_BY_A_PERSON = ("rubric", "milestones")


class TrialForm(ResultForm):
    """The inputs of an indicator to be tried; nothing of it is kept."""

    def __init__(self, *args: Any, definition: Mapping[str, Any], inputs: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, definition=definition, inputs=inputs, **kwargs)
        for name in ("note", "cancelled"):
            del self.fields[name]
        self.initial = {name: value for name, value in self.initial.items() if name in self.fields}

    def _missing(self, data: Mapping[str, Any]) -> Iterator[str]:
        # Without a date it is tried as sent on time.
        return (name for name in super()._missing(data) if name != "submitted_on")


class WhatIfForm(TrialForm):
    """The inputs of an indicator with its measured value typed directly."""

    def __init__(self, *args: Any, definition: Mapping[str, Any], inputs: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, definition=typed_directly(definition), inputs=inputs, **kwargs)


def typed_directly(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return `definition` with its value typed instead of calculated, so that it can be moved."""
    criteria = dict(definition.get("criteria") or {})
    if criteria.get("kind") in DECIDED_BY_A_PERSON:
        return dict(definition)
    if "variable" in criteria.get("base", {}):
        criteria["base"] = {key: value for key, value in criteria["base"].items() if key != "variable"}
    rest = {key: value for key, value in definition.items() if key != "from_below"}
    return rest | {"criteria": criteria, "measure": {"kind": "direct"}}
