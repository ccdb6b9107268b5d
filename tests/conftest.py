"""What all tests share."""

import os

import pytest
from django.utils import translation
from hypothesis import HealthCheck, settings

from tests.guards import let_tables_be_emptied

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

let_tables_be_emptied()


@pytest.fixture(autouse=True)
def _thai():
    """Begin and leave each test in the portal's own language, whatever the one before activated."""
    with translation.override("th"):
        yield


@pytest.fixture(scope="session")
def full_depth():
    """Whether long drills run at their full counts (make test DEPTH=full) rather than a tenth."""
    return os.environ.get("KPI_TEST_DEPTH") == "full"


def pytest_collection_modifyitems(items):
    for item in items:
        if "postgres" in item.keywords and not _on_postgresql():
            item.add_marker(pytest.mark.skip(reason="asks PostgreSQL; make test runs it there"))


def _on_postgresql():
    return "postgres" in os.environ.get("KPI_DATABASE_URL", "")
