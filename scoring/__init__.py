"""The scoring rules: frozen values in, a score with its trace out. No Django, clock, files or settings."""

from scoring.agreement import AgreementScore, score_agreement
from scoring.bands import Band, Bands
from scoring.classed import Classed, ClassOfBase
from scoring.competencies import (
    Competency,
    ComponentWeights,
    read_competencies,
    read_component_weights,
    score_competencies,
    write_component_weights,
)
from scoring.criteria import Criteria, Open, kind_of, write_criteria
from scoring.described import INDICATOR_KEYS
from scoring.faults import FAULTS, WARNINGS, Fault, Refused, fault
from scoring.from_below import HOW as FROM_BELOW, Gathered, Source, gather, is_ratio
from scoring.grades import INDIVIDUAL_GRADES, Grade, Grades
from scoring.indicator import Indicator, warnings_of
from scoring.judged import Judged
from scoring.lateness import Lateness, is_working_day, next_working_day, working_days_after
from scoring.measures import ByFormula, Checklist, Direct, Mean, Measure
from scoring.milestones import Milestone, Milestones, Part, Penalty
from scoring.numbers import NotExact, canonical, display, exact, plain
from scoring.parts import MergedScore, PartScore, exact_figures, merge_parts, part_score
from scoring.read_document import (
    RESULTS_DOCUMENT_KEYS,
    ResultsDocument,
    framework_named,
    read_results_document,
)
from scoring.read_framework import FRAMEWORK_KEYS, FrameworkRules, Unit, read_defaults, read_framework
from scoring.read_indicator import read_indicator
from scoring.read_result import RESULT_KEYS, inputs_of, read_result, read_results, read_set_score
from scoring.results import NOT_REPORTED, Result, SetScore
from scoring.rubric import Rubric
from scoring.scale import BELOW_LEVEL_ONE, BETWEEN, Defaults, Scale
from scoring.score import IndicatorScore, score_indicator
from scoring.thresholds import Thresholds
from scoring.trace import RULES, Step, step, to_4

__all__ = [
    "BELOW_LEVEL_ONE",
    "BETWEEN",
    "FAULTS",
    "FRAMEWORK_KEYS",
    "FROM_BELOW",
    "INDICATOR_KEYS",
    "INDIVIDUAL_GRADES",
    "NOT_REPORTED",
    "RESULTS_DOCUMENT_KEYS",
    "RESULT_KEYS",
    "RULES",
    "WARNINGS",
    "AgreementScore",
    "Band",
    "Bands",
    "ByFormula",
    "Checklist",
    "ClassOfBase",
    "Classed",
    "Competency",
    "ComponentWeights",
    "Criteria",
    "Defaults",
    "Direct",
    "Fault",
    "FrameworkRules",
    "Gathered",
    "Grade",
    "Grades",
    "Indicator",
    "IndicatorScore",
    "Judged",
    "Lateness",
    "Mean",
    "Measure",
    "MergedScore",
    "Milestone",
    "Milestones",
    "NotExact",
    "Open",
    "Part",
    "PartScore",
    "Penalty",
    "Refused",
    "Result",
    "ResultsDocument",
    "Rubric",
    "Scale",
    "SetScore",
    "Source",
    "Step",
    "Thresholds",
    "Unit",
    "canonical",
    "display",
    "exact",
    "exact_figures",
    "fault",
    "framework_named",
    "gather",
    "inputs_of",
    "is_ratio",
    "is_working_day",
    "kind_of",
    "merge_parts",
    "next_working_day",
    "part_score",
    "plain",
    "read_competencies",
    "read_component_weights",
    "read_defaults",
    "read_framework",
    "read_indicator",
    "read_result",
    "read_results",
    "read_results_document",
    "read_set_score",
    "score_agreement",
    "score_competencies",
    "score_indicator",
    "step",
    "to_4",
    "warnings_of",
    "working_days_after",
    "write_component_weights",
    "write_criteria",
]
