"""The portal's own settings, for tests: a machine on its own, with what would slow tests down replaced."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("KPI_SECRET_KEY", "only-for-tests")
os.environ.setdefault("KPI_ALLOWED_HOSTS", "localhost,127.0.0.1,testserver")
os.environ.setdefault("KPI_HTTPS", "0")
# While whoever asked waits: a thread would write beside the test's transaction.
os.environ.setdefault("KPI_TASKS", "request")
# Other processes would not see what a test has written and not committed.
os.environ.setdefault("KPI_PRINT_WORKERS", "0")
# Also kept from the workers of pytest-xdist, which read it here: each has a directory of its own.
SCRATCH = tempfile.TemporaryDirectory(prefix="kpi-tests-")
os.environ["KPI_DATA_DIR"] = SCRATCH.name

from kpi_portal.settings import *  # noqa: E402, F403 -- the environment above comes first
from kpi_portal.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402 -- named for the reader

# Hashing as slowly as an installation should would be most of what the tests do.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir()  # whitenoise warns when nothing was ever collected
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in an installation: in memory the live server and the test would share one connection, and no WAL.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(SCRATCH.name) / "test.sqlite3")}
