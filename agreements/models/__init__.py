"""The facts: one module a noun."""

from agreements.models.agreements import (
    AgreedCompetency,
    Agreement,
    EndedBecause,
    Item,
    Part,
    Party,
    PlanRow,
    Version,
)
from agreements.models.evidence import Evidence, StoredFile
from agreements.models.frameworks import Dimension, Framework, Indicator
from agreements.models.monitoring import Note
from agreements.models.organisations import OneTimeCode, Organisation, Posting, Role, User
from agreements.models.readings import Reading
from agreements.models.results import Result
from agreements.models.rounds import Competency, CompetencySet, DemoDay, Holiday, Round
from agreements.models.signing import Event, EventText, Refusal, Signature, Snapshot
from agreements.models.states import MAIN_LINE, Capacity, Stage, State

__all__ = [
    "MAIN_LINE",
    "AgreedCompetency",
    "Agreement",
    "Capacity",
    "Competency",
    "CompetencySet",
    "DemoDay",
    "Dimension",
    "EndedBecause",
    "Event",
    "EventText",
    "Evidence",
    "Framework",
    "Holiday",
    "Indicator",
    "Item",
    "Note",
    "OneTimeCode",
    "Organisation",
    "Part",
    "Party",
    "PlanRow",
    "Posting",
    "Reading",
    "Refusal",
    "Result",
    "Role",
    "Round",
    "Signature",
    "Snapshot",
    "Stage",
    "State",
    "StoredFile",
    "User",
    "Version",
]
