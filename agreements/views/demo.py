"""What the demo says of itself."""

from django.utils.translation import gettext as _


def demo_accounts() -> list[dict[str, str]]:
    """Return the accounts of the demo office with what each is for."""
    return [
        {"username": "staff", "who": _("Assessee")},
        {"username": "assessor", "who": _("Assessor")},
        {"username": "reviewer", "who": _("Next-level superior")},
        {"username": "hr", "who": _("HR officer")},
        {"username": "editor", "who": _("Framework editor")},
        {"username": "executive", "who": _("Executive")},
        {"username": "judge", "who": _("Judges indicators for the department")},
        {"username": "mayor", "who": _("Mayor, agrees with the municipality")},
        {"username": "clerk", "who": _("Permanent secretary, signs for the municipality")},
        {"username": "owner", "who": _("Owner of indicators of the municipality")},
        {"username": "collector", "who": _("Collector of indicators of the municipality")},
    ]
