"""Reads a results document: what was achieved, on which framework (framework-format, Results)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from scoring.agreement import AgreementScore, score_agreement
from scoring.competencies import Competency, ComponentWeights, read_competencies, read_component_weights
from scoring.document import Node, open_node, read_date
from scoring.faults import Faults
from scoring.read_framework import FrameworkRules, read_framework
from scoring.read_result import read_results
from scoring.results import Result

RESULTS_DOCUMENT_KEYS = ("framework", "holidays", "results", "competencies", "weights")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsDocument:
    """Everything that a score needs, read and checked; without competencies they are empty."""

    rules: FrameworkRules
    results: Mapping[str, Result]
    holidays: frozenset[date] = frozenset()
    competencies: tuple[Competency, ...] = ()
    weights: ComponentWeights

    def score(self) -> AgreementScore:
        """Return the scores of the whole document."""
        return score_agreement(
            self.rules.indicators,
            self.results,
            holidays=self.holidays,
            scale=self.rules.scale,
            competencies=self.competencies,
            weights=self.weights,
            grades=self.rules.grades,
        )


def framework_named(document: object) -> str | None:
    """Return the code of the imported framework that `document` names, None where it holds a whole one, or none."""
    named = document.get("framework") if isinstance(document, Mapping) else None
    return named if isinstance(named, str) and named.strip() else None


def read_results_document(
    document: object, *, framework: Mapping[str, object] | None = None, place: str = ""
) -> ResultsDocument:
    """Return what `document` reports; `framework` is the document of the one that it names, if it names one.

    :raises Refused: with everything that is wrong with it.
    """
    faults = Faults()
    node = open_node(document, place, faults, RESULTS_DOCUMENT_KEYS)
    read = _read(node, framework) if node is not None else None
    faults.raise_any()
    if read is None:
        raise AssertionError("a document is refused with faults")
    return read


def _read(node: Node, framework: Mapping[str, object] | None) -> ResultsDocument | None:
    rules = _rules(node, framework)
    holidays = [read_date(value, place, node.faults) for place, value in node.items("holidays")]
    competencies = node.faults.build(
        "", lambda: read_competencies(node.content.get("competencies"), place=node.at("competencies"))
    )
    weights = node.faults.build(
        "", lambda: read_component_weights(node.content.get("weights"), place=node.at("weights"))
    )
    if rules is None:
        return None
    results = node.faults.build("", lambda: _results(node, rules))
    if results is None or competencies is None or weights is None:
        return None
    return ResultsDocument(
        rules=rules,
        results=results,
        holidays=frozenset(day for day in holidays if day is not None),
        competencies=competencies,
        weights=weights,
    )


def _rules(node: Node, framework: Mapping[str, object] | None) -> FrameworkRules | None:
    given = framework if framework_named(node.content) is not None else node.content.get("framework")
    if not isinstance(given, Mapping):
        node.faults.add("framework_missing", node.at("framework"))
        return None
    return node.faults.build(node.at("framework"), lambda: read_framework(given))


def _results(node: Node, rules: FrameworkRules) -> dict[str, Result]:
    results = node.node("results")
    return read_results(results.content if results is not None else None, rules.indicators, place=node.at("results"))
