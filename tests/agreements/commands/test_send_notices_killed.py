"""The mailing run killed with SIGKILL in the middle, with a database file and a mail server of its own."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from django.conf import settings

from tests.post_office import post_office

ROOT = Path(settings.BASE_DIR)
PEOPLE = 40
SET_UP = f"""
import datetime
from django.utils import timezone
from agreements.models import Notice, Organisation, Round, User
office = Organisation.objects.add_root({{"code": "o", "name": "สำนักงาน", "kind": "province"}})
day = timezone.localdate()
round_ = Round.objects.create(organisation=office, fiscal_year=day.year + 543, number=1, starts_on=day,
                              ends_on=day + datetime.timedelta(days=90), status="open")
for number in range({PEOPLE}):
    user = User.objects.create(username=f"u{{number}}", first_name="ก", email=f"u{{number}}@example.go.th")
    Notice.objects.create(user=user, kind="turn", act="agree", round=round_, link="/", key=str(number),
                          created_at=timezone.now())
"""
# A claim of a killed run is otherwise taken over only after 15 minutes.
RUN = """
from datetime import timedelta
from django.core.management import call_command
from agreements.services import mail
mail.CLAIM_HOLDS = timedelta(0)
call_command("send_notices")
"""


def program(code):
    return [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"]


def test_a_killed_run_sends_no_mail_twice_but_the_one_under_way(settings, tmp_path, full_depth):
    with post_office(settings) as letters:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("KPI_", "DJANGO_"))},
            "DJANGO_SETTINGS_MODULE": "kpi_portal.settings",
            "KPI_SECRET_KEY": "x",
            "KPI_ALLOWED_HOSTS": "localhost",
            "KPI_HTTPS": "0",
            "KPI_DATA_DIR": str(tmp_path),
            "KPI_EMAIL_URL": f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        }

        def start(*arguments):
            return subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)

        assert start(sys.executable, "manage.py", "migrate", "-v0").wait() == 0
        assert start(*program(SET_UP)).wait() == 0
        kills = 0
        for _time in range(20 if full_depth else 2):
            run, before = start(*program(RUN)), len(letters)
            # In the middle of the mails, at a moment that is never the same.
            while run.poll() is None and len(letters) < before + 2:
                time.sleep(0.001)
            time.sleep(random.uniform(0, 0.02))
            if run.poll() is None:
                run.send_signal(signal.SIGKILL)
                kills += 1
            run.wait()
        assert start(*program(RUN)).wait() == 0
        assert start(*program(RUN)).wait() == 0

    sent = Counter(letter["To"] for letter in letters)
    assert set(sent) == {f"u{number}@example.go.th" for number in range(PEOPLE)}
    assert kills >= 1
    assert max(sent.values()) <= 2
    assert len(letters) - PEOPLE <= kills
