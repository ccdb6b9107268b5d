import io
import re

import pytest
from django.core.management import call_command

from agreements.models import Event, OneTimeCode
from agreements.services import accounts
from tests.factories import NOON, RoleFactory, UserFactory

pytestmark = pytest.mark.django_db


def run(username):
    """Return what the command printed, what it refused and its exit status."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("sign_in_code", username, stdout=out, stderr=err)
    except SystemExit as end:
        return out.getvalue(), err.getvalue(), end.code
    return out.getvalue(), err.getvalue(), 0


def test_the_code_printed_opens_the_account_and_the_old_password_is_gone():
    hr = RoleFactory(user__username="hr").user

    out, err, status = run("HR")

    hr.refresh_from_db()
    assert (err, status, hr.check_password("demo")) == ("", 0, False)
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", out).group()
    assert accounts.choose_password("hr", code, "ฝนตกที่หนองใหญ่", at=NOON) == hr
    assert list(Event.objects.order_by("pk").values_list("verb", "actor")) == [
        ("code.issued", None),
        ("password.chosen", hr.pk),
    ]


@pytest.mark.parametrize("username", ["nobody", "disabled"])
def test_nobody_and_the_disabled_get_none(username):
    UserFactory(username="disabled", is_active=False)

    out, err, status = run(username)

    assert (out, bool(err.strip()), status, OneTimeCode.objects.count()) == ("", True, 1, 0)
