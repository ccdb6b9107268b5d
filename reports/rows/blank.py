"""Forms to write on by hand: the round, its weights and grades, and nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agreements.models import Competency, Round
from agreements.services.content import FormSource
from reports.rows.form_set import FormSet, form_set
from reports.rows.kpi_sheet import kpi_sheets
from reports.rows.organisation import OrganisationSet, organisation_set
from reports.rows.words import Content

#: An indicator that is not written yet, for its sheet.
NO_INDICATOR: Content = {
    "code": "",
    "title": "",
    "goal": "",
    "weight": None,
    "definition": {"criteria": {"kind": "open"}},
    "children": [],
}
#: Competencies to write in where the round names none, by kind.
BLANK_COMPETENCIES = {"core": 5, "line": 5}


def blank_sets(round_: Round) -> Sequence[FormSet] | Sequence[OrganisationSet]:
    """Return the forms of `round_` with nothing on them but the round."""
    content: Content = {
        "round": {
            "fiscal_year": round_.fiscal_year,
            "number": round_.number,
            "starts_on": round_.starts_on.isoformat(),
            "ends_on": round_.ends_on.isoformat(),
            "achievement_weight": str(round_.achievement_weight),
            "competency_weight": str(round_.competency_weight),
            "plan_below_level": round_.plan_below_level,
            "grades": round_.grades,
        },
        "parties": {},
        "items": [],
        "competencies": list(_competencies(round_)),
        "results": {},
        "scores": None,
        "plan": [],
        "full_score_reason": "",
    }
    source = FormSource(content=content, signatures=())
    if round_.subject == Round.Subject.ORGANISATIONS:
        return [organisation_set(source, office="", dimensions=[], verify_url=str)]
    sheets = kpi_sheets({**content, "items": [NO_INDICATOR]})
    return [replace(form_set(source, verify_url=str), kpi_sheets=sheets)]


def _competencies(round_: Round) -> Iterator[Content]:
    found = Competency.objects.filter(competency_set=round_.competency_set_id).order_by("order")
    named = [(one.kind, one.name) for one in found] if round_.competency_set_id else []
    written = named or [(kind, "") for kind, count in BLANK_COMPETENCIES.items() for _ in range(count)]
    for order, (kind, name) in enumerate(written, start=1):
        yield {"order": order, "kind": kind, "name": name, "expected": "", "observed": None}
