"""The facts: one module a noun."""

from agreements.models.agreements import (
    AgreedCompetency,
    Agreement,
    Capacity,
    Item,
    Part,
    Party,
    PlanRow,
    State,
    Version,
)
from agreements.models.evidence import Evidence, StoredFile
from agreements.models.frameworks import Dimension, Framework, Indicator
from agreements.models.monitoring import Note
from agreements.models.organisations import OneTimeCode, Organisation, Posting, Role, User
from agreements.models.results import Result
from agreements.models.rounds import Competency, CompetencySet, DemoDay, Holiday, Round
from agreements.models.signing import Event, EventText, Signature, Snapshot, Stage

__all__ = [
    "AgreedCompetency",
    "Agreement",
    "Capacity",
    "Competency",
    "CompetencySet",
    "DemoDay",
    "Dimension",
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
