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
from agreements.models.checkpoints import Checkpoint, KeptState
from agreements.models.duties import Duty
from agreements.models.evidence import Evidence, StoredFile
from agreements.models.frameworks import Dimension, Framework, Indicator
from agreements.models.jobs import Job, JobFile
from agreements.models.judging import Judgement
from agreements.models.monitoring import ReportForm
from agreements.models.notes import Note
from agreements.models.notices import Digest, Notice
from agreements.models.organisations import OneTimeCode, Organisation, PersonnelGroup, Posting, Role, User
from agreements.models.outcomes import Outcome
from agreements.models.printing import FrozenForm
from agreements.models.progress import MonthlyFigure, Remedy
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
from agreements.models.submissions import CellComment, Observation, Revision, Submission

__all__ = [
    "MAIN_LINE",
    "READ",
    "AgreedCompetency",
    "Agreement",
    "AuthenticatorApp",
    "Capacity",
    "CellComment",
    "Checkpoint",
    "Competency",
    "CompetencySet",
    "DemoDay",
    "Digest",
    "Dimension",
    "Duty",
    "EndedBecause",
    "Event",
    "EventText",
    "Evidence",
    "Extension",
    "Framework",
    "FrozenForm",
    "Holiday",
    "Indicator",
    "Item",
    "Job",
    "JobFile",
    "Judgement",
    "KeptState",
    "LateMark",
    "LinkedAccount",
    "MonthlyFigure",
    "Note",
    "Notice",
    "Observation",
    "OneTimeCode",
    "Organisation",
    "Outcome",
    "Part",
    "Party",
    "PersonnelGroup",
    "Phase",
    "PlanRow",
    "Posting",
    "Reading",
    "RecoveryCode",
    "Refusal",
    "Remedy",
    "ReportForm",
    "Result",
    "Revision",
    "Role",
    "Round",
    "RoundCompetencySet",
    "Signature",
    "Snapshot",
    "Stage",
    "State",
    "StoredFile",
    "Submission",
    "User",
    "Version",
]
