import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from agreements.models import Role

ROOT = Path(settings.BASE_DIR)
REQUIRED = {"KPI_SECRET_KEY": "s" * 50, "KPI_ALLOWED_HOSTS": "kpi.example.go.th"}


def run(*arguments, **variables):
    """Run Python on the portal's own settings with no KPI_* variables but these."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KPI_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def settings_under(**variables):
    """Return the settings of a process that has these variables."""
    program = (
        "import json\n"
        "from kpi_portal import settings\n"
        "values = {n: v for n, v in vars(settings).items() if n.isupper() and n != 'LANGUAGES'}\n"
        "print(json.dumps(values, default=str))"
    )
    ended = run("-c", program, **variables)
    assert ended.stderr == ""
    return json.loads(ended.stdout)


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("KPI_SECRET_KEY", 'KPI_SECRET_KEY="$(openssl rand -hex 32)"'),
        ("KPI_ALLOWED_HOSTS", "KPI_ALLOWED_HOSTS=kpi.example.go.th"),
    ],
)
@pytest.mark.parametrize("value", [None, ""])
def test_refuses_to_start_without_and_names_the_variable(name, example, value):
    given = {**REQUIRED, name: value}

    ended = run("manage.py", "check", **{n: v for n, v in given.items() if v is not None})

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        f"django.core.exceptions.ImproperlyConfigured: Set {name}, for example {example}. See docs/settings.md."
    )


def test_starts_with_the_two():
    ended = run("manage.py", "check", **REQUIRED)

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", False),
        ("DEMO", False),
        ("SECURE_SSL_REDIRECT", True),
        ("SESSION_COOKIE_SECURE", True),
        ("CSRF_COOKIE_SECURE", True),
        ("CSRF_COOKIE_HTTPONLY", True),
        ("SECURE_HSTS_SECONDS", 31_536_000),
        ("SESSION_COOKIE_SAMESITE", "Lax"),
        ("WHITENOISE_ALLOW_ALL_ORIGINS", False),
        ("AXES_LOCKOUT_PARAMETERS", [["username", "ip_address"]]),
        ("X_FRAME_OPTIONS", "DENY"),
        ("ALLOWED_HOSTS", ["kpi.example.go.th"]),
        ("LANGUAGE_CODE", "th"),
        ("TIME_ZONE", "Asia/Bangkok"),
    ],
)
def test_production_is_the_default(production, name, value):
    assert production[name] == value


@pytest.fixture(scope="module")
def production():
    return settings_under(**REQUIRED)


def test_no_header_of_a_proxy_is_believed_unless_told(production):
    behind = settings_under(**REQUIRED, KPI_BEHIND_PROXY="1")

    assert "SECURE_PROXY_SSL_HEADER" not in production
    assert behind["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_sqlite_lies_in_the_data_directory_however_it_is_named(tmp_path):
    odd = tmp_path / "ข้อมูล #1? 50%"

    database = settings_under(**REQUIRED, KPI_DATA_DIR=str(odd))["DATABASES"]["default"]

    assert (database["ENGINE"], database["NAME"]) == ("django.db.backends.sqlite3", str(odd / "portal.sqlite3"))


def test_a_relative_data_directory_is_the_projects_own_wherever_a_command_is_started():
    assert settings_under(**REQUIRED, KPI_DATA_DIR="var/demo")["DATA_DIR"] == str(ROOT / "var" / "demo")


def test_database_url_chooses_postgresql():
    database = settings_under(**REQUIRED, KPI_DATABASE_URL="postgres://kpi:secret@db.example.go.th:5433/portal")[
        "DATABASES"
    ]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert [database[n] for n in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "kpi",
        "secret",
        "db.example.go.th",
        5433,
        "portal",
    ]
    assert database["CONN_HEALTH_CHECKS"] is True


OPENID = {"KPI_OIDC_ISSUER": "https://id.example.go.th", "KPI_OIDC_CLIENT_ID": "kpi", "KPI_OIDC_CLIENT_SECRET": "s"}


def test_an_identity_provider_is_off_unless_configured(production):
    configured = settings_under(**REQUIRED, **OPENID, KPI_OIDC_NAME="ThaID")

    names = ("OPENID_ISSUER", "OPENID_CLIENT_ID", "OPENID_CLIENT_SECRET", "OPENID_NAME")
    assert [production[name] for name in names[:3]] == ["", "", ""]
    assert [configured[name] for name in names] == [*OPENID.values(), "ThaID"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"KPI_OIDC_ISSUER": "http://id.example.go.th"}, "KPI_OIDC_ISSUER has to begin with https://."),
        ({"KPI_OIDC_CLIENT_ID": ""}, "Set KPI_OIDC_CLIENT_ID, for example KPI_OIDC_CLIENT_ID=kpi-portal."),
        ({"KPI_OIDC_CLIENT_SECRET": ""}, "Set KPI_OIDC_CLIENT_SECRET, for example KPI_OIDC_CLIENT_SECRET="),
    ],
)
def test_half_an_identity_provider_is_refused(changed, said):
    ended = run("manage.py", "check", **REQUIRED, **OPENID | changed)

    assert ended.returncode == 1
    assert said in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"KPI_TOTP_REQUIRED_ROLES": "hr,HR,boss"}, "KPI_TOTP_REQUIRED_ROLES names no role: HR, boss."),
        ({"KPI_SIGN_IN_ATTEMPTS": "0"}, "KPI_SIGN_IN_ATTEMPTS and KPI_SIGN_IN_LOCK_MINUTES begin at 1."),
        ({"KPI_TASKS": "threads"}, "KPI_TASKS is one of: process, database, request."),
        ({"KPI_JOB_LOST_SECONDS": "0"}, "KPI_JOB_LOST_SECONDS begins at 1."),
        ({"KPI_SIGN_IN_LOCK_MINUTES": "0"}, "KPI_SIGN_IN_ATTEMPTS and KPI_SIGN_IN_LOCK_MINUTES begin at 1."),
    ],
)
def test_a_guard_that_would_not_guard_is_refused(changed, said):
    ended = run("manage.py", "check", **REQUIRED, **changed)

    assert ended.returncode == 1
    assert said in ended.stderr.splitlines()[-1]


def test_the_roles_of_the_settings_are_those_of_the_portal():
    assert {*Role.Kind.values} == settings.ROLES


def test_the_check_for_deployment_finds_nothing():
    key = "".join(chr(33 + number * 7 % 90) for number in range(60))

    ended = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **REQUIRED | {"KPI_SECRET_KEY": key})

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.django_db
def test_sqlite_keeps_what_it_acknowledged_and_writers_wait():
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    with connection.cursor() as cursor:
        journal, synchronous, patience = (
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "busy_timeout")
        )

    assert (journal, synchronous, patience) == ("wal", 2, 20_000)
    assert connection.transaction_mode == "IMMEDIATE"


def test_every_variable_is_documented_and_no_other():
    read = set(re.findall(r'"(KPI_[A-Z_]+)"', (ROOT / "kpi_portal" / "settings.py").read_text(encoding="utf-8")))
    rows = re.findall(r"^\| (`KPI_[^|]+)\|", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.M)
    written = set(re.findall(r"KPI_[A-Z_]+", " ".join(rows)))

    assert written == read


def test_without_a_mail_server_nothing_is_mailed_and_links_lead_to_the_first_host():
    found = settings_under(**REQUIRED)

    assert (found["MAIL"], found["PUBLIC_URL"]) == (False, "https://kpi.example.go.th")
    assert found["DEFAULT_FROM_EMAIL"] == "no-reply@kpi.example.go.th"


def test_the_mail_server_is_one_address():
    mail = {"KPI_EMAIL_URL": "smtp+tls://kpi:pa%40ss@mail.example.go.th:587", "KPI_PUBLIC_URL": "https://kpi.go.th/"}

    found = settings_under(**REQUIRED, **mail)

    names = (
        "MAIL",
        "EMAIL_HOST",
        "EMAIL_PORT",
        "EMAIL_HOST_USER",
        "EMAIL_HOST_PASSWORD",
        "EMAIL_USE_TLS",
        "PUBLIC_URL",
    )
    assert [found[name] for name in names] == [
        True, "mail.example.go.th", 587, "kpi", "pa@ss", True, "https://kpi.go.th",
    ]  # fmt: skip
