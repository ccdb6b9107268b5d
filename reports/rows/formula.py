"""A formula as it is set on paper: its division as a fraction, its variables by their labels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reports.rows.words import Content
from scoring.faults import Refused
from scoring.formula import Extreme, Name, Number, Operation, Term, parse
from scoring.numbers import plain

_EXTREMES = {"min": "ค่าที่น้อยที่สุดของ", "max": "ค่าที่มากที่สุดของ"}
_BINDING = {"+": 1, "−": 1, "×": 2, "÷": 2}
# A slash belongs to a Thai text (เทศบาล/อบต.) unless spaces stand around it.
_WRITTEN = re.compile(r"\s*(?P<top>.+?)\s+[/÷]\s+(?P<bottom>.+?)\s*(?P<after>[×xX*]\s*[\d,.]+.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fraction:
    """A fraction with what stands before and after it; without `bottom`, a line of text in `top`."""

    top: str
    bottom: str = ""
    before: str = ""
    after: str = ""


def formula_of(definition: Content) -> Fraction | None:
    """Return the formula of an indicator: its expression if it is measured by one, else what its text says."""
    measure = definition.get("measure") or {}
    written = definition.get("formula_text") or ""
    if measure.get("kind") == "formula":
        variables = measure.get("variables") or {}
        try:
            term = parse(str(measure.get("expression", "")), list(variables)).term
        except Refused:
            return from_text(written) if written else Fraction(top=str(measure.get("expression", "")))
        return from_term(term, {name: one.get("label") or name for name, one in variables.items()})
    return from_text(written) if written else None


def from_text(written: str) -> Fraction:
    """Return `written` as a fraction where it has one division, set off by spaces."""
    found = _WRITTEN.fullmatch(written)
    if found is None or re.search(r"\s[/÷]\s", found["bottom"]):
        return Fraction(top=written)
    after = re.sub(r"^[xX*×]\s*", "× ", found["after"] or "")
    return Fraction(top=_bare(found["top"]), bottom=_bare(found["bottom"]), after=after)


def from_term(term: Term, labels: Mapping[str, str]) -> Fraction:
    """Return `term` with the division it consists of, multiplied by what it may be, as a fraction."""
    if isinstance(term, Operation) and term.sign == "÷":
        return Fraction(top=_line(term.left, labels), bottom=_line(term.right, labels))
    if isinstance(term, Operation) and term.sign == "×":
        for inner, other in ((term.left, term.right), (term.right, term.left)):
            if isinstance(inner, Operation) and inner.sign == "÷":
                fraction = from_term(inner, labels)
                factor = _line(other, labels, inside=2)
                first = inner is term.left
                return Fraction(
                    top=fraction.top,
                    bottom=fraction.bottom,
                    before="" if first else f"{factor} ×",
                    after=f"× {factor}" if first else "",
                )
    return Fraction(top=_line(term, labels))


def _line(term: Term, labels: Mapping[str, str], inside: int = 0) -> str:
    """Return `term` on one line, in brackets where it binds less than what it stands in."""
    if isinstance(term, Number):
        return plain(term.value)
    if isinstance(term, Name):
        return labels[term.name]
    if isinstance(term, Extreme):
        return f"{_EXTREMES[term.function]} ({', '.join(_line(one, labels) for one in term.terms)})"
    binding = _BINDING[term.sign]
    # a − (b − c): what follows a minus or a division sign needs its brackets at equal strength too.
    right = binding + (1 if term.sign in "−÷" else 0)
    line = f"{_line(term.left, labels, binding)} {term.sign} {_line(term.right, labels, right)}"
    return f"({line})" if binding < inside else line


def _bare(side: str) -> str:
    """Return `side` without the brackets around the whole of it, which a fraction bar replaces."""
    if side.startswith("(") and side.endswith(")") and ")" not in side[1:-1]:
        return side[1:-1].strip()
    return side
