"""The facts: one module a noun."""

from agreements.models.accounts import AuthenticatorApp, LinkedAccount, RecoveryCode
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
from agreements.models.monitoring import ReportForm
from agreements.models.notices import Digest, Notice
from agreements.models.organisations import OneTimeCode, Organisation, Posting, Role, User
from agreements.models.results import Result
from agreements.models.rounds import Competency, CompetencySet, DemoDay, Extension, Holiday, LateMark, Phase, Round
from agreements.models.signing import Event, EventText, Signature, Snapshot, Stage

__all__ = [
    "AgreedCompetency",
    "Agreement",
    "AuthenticatorApp",
    "Capacity",
    "Competency",
    "CompetencySet",
    "DemoDay",
    "Digest",
    "Dimension",
    "Event",
    "EventText",
    "Evidence",
    "Extension",
    "Framework",
    "Holiday",
    "Indicator",
    "Item",
    "LateMark",
    "LinkedAccount",
    "Notice",
    "OneTimeCode",
    "Organisation",
    "Part",
    "Party",
    "Phase",
    "PlanRow",
    "Posting",
    "RecoveryCode",
    "ReportForm",
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
