import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from agreements.models import Event, Item, Posting, Role, Snapshot, State, User
from agreements.services import content as contents, jobs, opening, round_figures
from reports import sheets
from tests.factories import NOON, OrganisationFactory, RoleFactory
from tests.guards import lifted
from tests.splits import bring_part, bring_whole, was_split
from tests.walks import bring_to, colleague, municipality, office

pytestmark = pytest.mark.django_db
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUMMARY = (
    "number", "name", "position", "level", "position_number", "group", "office", "unit", "state", "since", "own",
    "achievement", "achievement_weight", "competency", "competency_weight", "final", "grade", "assessor", "agreed",
    "assessed", "acknowledged",
)  # fmt: skip
DETAIL = (
    "number", "name", "position", "office", "unit", "state", "part", "code", "title", "measure", "weight", "value",
    "own", "score", "weighted", "status", "reason", "trace",
)  # fmt: skip
FEBRUARY_18 = datetime.datetime(2013, 2, 18)


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    monkeypatch.setattr("reports.round_views.clock.now", lambda: NOON)


def sent(client, name, place, user=None, **asked):
    client.force_login(user or place.hr)
    response = client.get(reverse(f"reports:{name}-workbook", args=[place.round.pk]), asked)
    assert (response.status_code, response["Content-Type"]) == (200, XLSX)
    return response.getvalue()


def sheet_of(body, number=0):
    return openpyxl.load_workbook(io.BytesIO(body)).worksheets[number]


def rows(body, names):
    found = sheet_of(body).iter_rows(min_row=5)
    return [dict(zip(names, (cell.value for cell in row), strict=True)) for row in found]


def summary(client, place, user=None, **asked):
    return rows(sent(client, "summary", place, user, **asked), SUMMARY)


def detail(client, place, user=None, **asked):
    return rows(sent(client, "detail", place, user, **asked), DETAIL)


# --- The summary -----------------------------------------------------------------------------------------------------
def test_x(client):
    place = bring_to(office(), State.CLOSED)
    print(summary(client, place))
    print(detail(client, place))
    assert 0
