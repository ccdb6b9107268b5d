"""Scores as `manage.py score` prints them: the JSON of framework-format.md, and a table that people read."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from agreements.explain import explain_step, explain_trace
from scoring import AgreementScore, FrameworkRules, IndicatorScore

STATUSES = {
    "scored": gettext_lazy("Scored"),
    "not_reported": gettext_lazy("Not reported"),
    "cancelled": gettext_lazy("Cancelled"),
    "unscored": gettext_lazy("Not counted"),
}
GAP = "  "
NOTHING = "–"


# --- JSON ------------------------------------------------------------------------------------------------------------
def scores_document(rules: FrameworkRules, found: AgreementScore) -> dict[str, Any]:
    """Return the scores as framework-format.md has them, sentences in the active language."""
    indicators = [_indicator(one) for one in found.flatten()]
    return {"framework": rules.code, **found.as_document(), "indicators": indicators}


def _indicator(found: IndicatorScore) -> dict[str, object]:
    document = found.as_document()
    trace = [{"rule": taken["rule"], "text": explain_step(taken)} for taken in _steps(document)]
    return {**document, "trace": trace}


def _steps(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(document["trace"])


# --- A table ---------------------------------------------------------------------------------------------------------
def scores_text(rules: FrameworkRules, found: AgreementScore) -> str:
    """Return the scores as a table with the trace of each below it, in the active language."""
    titles = {indicator.code: indicator.title for top in rules.indicators for indicator in top.flatten()}
    documents = [one.as_document() for one in found.flatten()]
    lines = [f"{rules.code} {rules.title}", "", *_table(documents), "", *_summary(found), "", _("How it came about")]
    for document in documents:
        lines += ["", f"{document['code']} {titles[str(document['code'])]}"]
        lines += [f"{GAP}- {sentence}" for sentence in explain_trace(_steps(document))]
    lines += ["", _("Altogether")]
    lines += [f"{GAP}- {sentence}" for sentence in explain_trace(step.as_document() for step in found.steps)]
    return "\n".join(lines)


def _table(documents: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    head = [_("Code"), _("Status"), _("Measured value"), _("Score"), _("Weight"), _("Weighted score")]
    rows = [
        [document["code"], str(STATUSES[document["status"]]), *(document[key] or NOTHING for key in FIGURES)]
        for document in documents
    ]
    widths = [max(_width(row[column]) for row in [head, *rows]) for column in range(len(head))]
    yield _line(head, widths)
    yield GAP.join("-" * width for width in widths)
    for row in rows:
        yield _line(row, widths)


FIGURES = ("value", "score", "weight", "weighted")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    # Words stand left, figures right.
    padded = [
        cell + " " * (width - _width(cell)) if column < 2 else " " * (width - _width(cell)) + cell
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return GAP.join(padded).rstrip()


def _width(text: str) -> int:
    """Return the columns that `text` takes: vowels and tone marks above and below take none."""
    return sum(unicodedata.category(char) not in ("Mn", "Cf") for char in text)


def _summary(found: AgreementScore) -> list[str]:
    document = found.as_document()
    rows = [
        (_("Weight in force"), document["weight_in_force"]),
        (_("Total"), document["total"]),
        (_("Achievement out of 100"), document["achievement"]),
        (_("Competency out of 100"), document["competency"]),
        (_("Final score"), document["final"]),
        (_("Grade"), document["grade"]),
    ]
    widest = max(_width(label) for label, _figure in rows)
    return [f"{label}{' ' * (widest - _width(label))}{GAP}{figure or NOTHING}" for label, figure in rows]
