"""The facts: one module a noun."""

from agreements.models.accounts import AuthenticatorApp, LinkedAccount, RecoveryCode
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
from agreements.models.jobs import Job
from agreements.models.monitoring import ReportForm
from agreements.models.notes import Note
from agreements.models.notices import Digest, Notice
from agreements.models.organisations import OneTimeCode, Organisation, PersonnelGroup, Posting, Role, User
from agreements.models.readings import Reading
from agreements.models.results import Result
from agreements.models.rounds import (
    Competency,
    CompetencySet,
    DemoDay,
    Extension,
    Holiday,
    LateMark,
    Phase,
    Round,
    RoundCompetencySet,
)
from agreements.models.signing import READ, Event, EventText, Refusal, Signature, Snapshot
from agreements.models.states import MAIN_LINE, Capacity, Stage, State

__all__ = [
    "MAIN_LINE",
    "READ",
    "AgreedCompetency",
    "Agreement",
    "AuthenticatorApp",
    "Capacity",
    "Competency",
    "CompetencySet",
    "DemoDay",
    "Digest",
    "Dimension",
    "EndedBecause",
    "Event",
    "EventText",
    "Evidence",
    "Extension",
    "Framework",
    "Holiday",
    "Indicator",
    "Item",
    "Job",
    "LateMark",
    "LinkedAccount",
    "Note",
    "Notice",
    "OneTimeCode",
    "Organisation",
    "Part",
    "Party",
    "PersonnelGroup",
    "Phase",
    "PlanRow",
    "Posting",
    "Reading",
    "RecoveryCode",
    "Refusal",
    "ReportForm",
    "Result",
    "Role",
    "Round",
    "RoundCompetencySet",
    "Signature",
    "Snapshot",
    "Stage",
    "State",
    "StoredFile",
    "User",
    "Version",
]
