"""Settings, read from KPI_* environment variables with safe production defaults.

docs/settings.md lists every variable.
"""

import os
from datetime import date, timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def required(name: str, example: str) -> str:
    """Return the environment variable `name`, which has no safe default.

    :raises ImproperlyConfigured: if it is missing or empty.
    """
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"Set {name}, for example {name}={example}. See docs/settings.md.")
    return value


# --- Who we are to the outside -----------------------------------------------------------------------------------
SECRET_KEY = required("KPI_SECRET_KEY", '"$(openssl rand -hex 32)"')
ALLOWED_HOSTS = [host.strip() for host in required("KPI_ALLOWED_HOSTS", "kpi.example.go.th").split(",")]
DEBUG = env.bool("KPI_DEBUG", default=False)

# The demo has known passwords and a clock of its own; `make demo` turns it on, nothing else should.
DEMO = env.bool("KPI_DEMO", default=False)
DEMO_TODAY = date.fromisoformat(env.str("KPI_DEMO_TODAY", default="2013-02-18"))

# --- Transport: HTTPS everywhere, unless told that this is a machine on its own -----------------------------------
HTTPS = env.bool("KPI_HTTPS", default=True)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# Also says where an address of X-Forwarded-For is believed: agreements/addresses.py.
BEHIND_PROXY = env.bool("KPI_BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = env.list("KPI_TRUSTED_ORIGINS", default=[])
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Applications ------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "treebeard",
    "rules",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "agreements",
    "reports",
]
MIDDLEWARE = [
    # Before all others: what they do is no part of the time that a request took to arrive.
    "agreements.clock.arrival",
    "agreements.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Before whatever may refuse: refusals carry the headers, too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "agreements.middleware.careful_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Nothing before it reads the body: the token of a form is looked for once all of these were passed.
    "agreements.middleware.bounded_requests",
    "agreements.views.typing.say_that_the_session_ended",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "agreements.middleware.demanded_second_step",
    "agreements.views.acting.stand_in",  # who is acting for another position today
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "kpi_portal.urls"
WSGI_APPLICATION = "kpi_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "agreements.context.portal",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
MESSAGE_TAGS = {message_levels.ERROR: "danger", message_levels.DEBUG: "secondary"}

# --- Data --------------------------------------------------------------------------------------------------------
DATA_DIR = BASE_DIR / env.str("KPI_DATA_DIR", default="var")
if env.str("KPI_DATABASE_URL", default=""):
    DATABASES = {"default": env.db_url("KPI_DATABASE_URL")}
else:
    # Not as an address: a directory's name may hold what means something there.
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "portal.sqlite3")}}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: two writers wait for each other instead of failing with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: an acknowledged signature survives a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Files -------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "evidence"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Nobody else's pages use our style sheets and fonts.
WHITENOISE_ALLOW_ALL_ORIGINS = False
EVIDENCE_MAX_BYTES = env.int("KPI_EVIDENCE_MAX_BYTES", default=20 * 1024 * 1024)
EVIDENCE_MAX_FILES = env.int("KPI_EVIDENCE_MAX_FILES", default=30)
EVIDENCE_MAX_AGREEMENT_BYTES = env.int("KPI_EVIDENCE_MAX_AGREEMENT_BYTES", default=500 * 1024 * 1024)
EVIDENCE_MAX_OFFICE_BYTES = env.int("KPI_EVIDENCE_MAX_OFFICE_BYTES", default=50 * 1024**3)
EVIDENCE_MAX_PIXELS = env.int("KPI_EVIDENCE_MAX_PIXELS", default=100_000_000)
EVIDENCE_ZIP = env.bool("KPI_EVIDENCE_ZIP", default=False)
EVIDENCE_PREVIEW_PAGES = env.int("KPI_EVIDENCE_PREVIEW_PAGES", default=300)
EVIDENCE_ORPHAN_DAYS = env.int("KPI_EVIDENCE_ORPHAN_DAYS", default=30)
# A report of hundreds of rows is one form where there is no script; a page that holds more says so.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
# Of a whole request, asked before it is read: several files go up at once.
REQUEST_MAX_BYTES = env.int("KPI_REQUEST_MAX_BYTES", default=10 * EVIDENCE_MAX_BYTES)

# --- People ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "agreements.User"
AUTHENTICATION_BACKENDS = [
    "agreements.backends.Lock",
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "agreements.passwords.NotOnesName"},
    {"NAME": "agreements.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "agreements.passwords.NotCommon"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "agreements:work"
LOGOUT_REDIRECT_URL = "sign-in"
SECOND_STEP_ROLES = env.list("KPI_TOTP_REQUIRED_ROLES", default=[])
ROLES = {"hr", "framework_editor", "executive", "auditor", "data_reporter", "screening"}
if unknown := ", ".join(sorted({*SECOND_STEP_ROLES} - ROLES)):
    raise ImproperlyConfigured(f"KPI_TOTP_REQUIRED_ROLES names no role: {unknown}. See docs/settings.md.")

# An account with an identity provider, by OpenID Connect; off without an issuer.
OPENID_ISSUER = env.str("KPI_OIDC_ISSUER", default="")
OPENID_CLIENT_ID = OPENID_CLIENT_SECRET = ""
OPENID_NAME = env.str("KPI_OIDC_NAME", default="")
if OPENID_ISSUER:
    if HTTPS and not OPENID_ISSUER.startswith("https://"):
        raise ImproperlyConfigured("KPI_OIDC_ISSUER has to begin with https://. See docs/settings.md.")
    OPENID_CLIENT_ID = required("KPI_OIDC_CLIENT_ID", "kpi-portal")
    OPENID_CLIENT_SECRET = required("KPI_OIDC_CLIENT_SECRET", "the secret that the provider gave")

# --- Failed attempts: counted by person and address together, or one person would lock a whole office out -----------
AXES_ENABLED = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.int("KPI_SIGN_IN_ATTEMPTS", default=10)
lock_minutes = env.int("KPI_SIGN_IN_LOCK_MINUTES", default=15)
AXES_COOLOFF_TIME = timedelta(minutes=lock_minutes)
if min(AXES_FAILURE_LIMIT, lock_minutes) < 1:
    raise ImproperlyConfigured("KPI_SIGN_IN_ATTEMPTS and KPI_SIGN_IN_LOCK_MINUTES begin at 1. See docs/settings.md.")
# The lock ends when its page says so, however often somebody tries meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "agreements.addresses.client_address"
AXES_USERNAME_CALLABLE = "agreements.views.attempts.counted_name"
AXES_LOCKOUT_CALLABLE = "agreements.views.attempts.locked"
# Attempts are kept with what was typed; nothing of it may open anything.
AXES_SENSITIVE_PARAMETERS = [
    *("username", "ip_address", "code", "old_password", "new_password", "new_password_again", "csrfmiddlewaretoken"),
]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False

# --- Long work -----------------------------------------------------------------------------------------------------
TASK_BACKENDS = {
    "process": "agreements.background.ProcessBackend",
    "database": "django_tasks_db.DatabaseBackend",
    "request": "django_tasks.backends.immediate.ImmediateBackend",
}
task_backend = env.str("KPI_TASKS", default="process")
if task_backend not in TASK_BACKENDS:
    raise ImproperlyConfigured("KPI_TASKS is one of: process, database, request. See docs/settings.md.")
TASKS_IN_DATABASE = task_backend == "database"
TASKS = {"default": {"BACKEND": TASK_BACKENDS[task_backend]}}
# A worker that gave no sign of life for so long was killed: what it did is begun anew.
JOB_LOST_SECONDS = env.int("KPI_JOB_LOST_SECONDS", default=300)
if JOB_LOST_SECONDS < 1:
    raise ImproperlyConfigured("KPI_JOB_LOST_SECONDS begins at 1. See docs/settings.md.")
# How many processes draw the forms of one job; 0 draws them in the job's own. A file that came of a job lies so long.
PRINT_WORKERS = env.int("KPI_PRINT_WORKERS", default=os.cpu_count() or 1)
JOB_FILE_DAYS = env.int("KPI_JOB_FILE_DAYS", default=7)
if PRINT_WORKERS < 0 or JOB_FILE_DAYS < 1:
    raise ImproperlyConfigured("KPI_PRINT_WORKERS begins at 0 and KPI_JOB_FILE_DAYS at 1. See docs/settings.md.")
# Whether forms are printed as PDF/A-3u where nobody chooses.
PDF_A = env.bool("KPI_PDF_A", default=False)

# --- Mail --------------------------------------------------------------------------------------------------------
# Without an address of a mail server nothing is mailed; the portal's own notices are there all the same.
MAIL = bool(env.str("KPI_EMAIL_URL", default=""))
if MAIL:
    vars().update(env.email_url("KPI_EMAIL_URL"))
EMAIL_TIMEOUT = 20
HOST = ALLOWED_HOSTS[0].lstrip(".")
PUBLIC_URL = env.str("KPI_PUBLIC_URL", default=f"{'https' if HTTPS else 'http'}://{HOST}").rstrip("/")
DEFAULT_FROM_EMAIL = env.str("KPI_EMAIL_FROM", default=f"no-reply@{HOST}")

# --- Words, numbers, time ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "th"
LANGUAGES = [("th", _("Thai")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "kpi_portal" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Bangkok"

# --- Log ---------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "agreements.request_ids.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(request_id)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": env.str("KPI_LOG_LEVEL", default="WARNING")},
}
