"""Signing in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.utils.translation import gettext as _


class SignIn(LoginView):
    """Ask for user name and password; in the demo, name its accounts."""

    template_name = "agreements/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"demo_accounts": demo_accounts() if settings.DEMO else []}


def demo_accounts() -> list[dict[str, str]]:
    """Return the accounts of the demo office with what each is for."""
    return [
        {"username": "staff", "who": _("Assessee")},
        {"username": "assessor", "who": _("Assessor")},
        {"username": "reviewer", "who": _("Next-level superior")},
        {"username": "hr", "who": _("HR officer")},
        {"username": "editor", "who": _("Framework editor")},
        {"username": "executive", "who": _("Executive")},
    ]
