"""What a notice says: whole sentences, never a score, never anybody's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext as _, gettext_lazy

from agreements import thai
from agreements.models import Notice
from agreements.services import deadlines

Kind = Notice.Kind

SENTENCES: Mapping[tuple[str, str], Promise] = {
    (Kind.DUE, "start"): gettext_lazy("Start and propose your own agreement by %(day)s."),
    (Kind.DUE, "propose"): gettext_lazy("Propose your own agreement by %(day)s."),
    (Kind.DUE, "agree"): gettext_lazy("Sign a proposed agreement, or return it, by %(day)s."),
    (Kind.DUE, "report"): gettext_lazy("Report your results by %(day)s."),
    (Kind.DUE, "assess"): gettext_lazy("Assess reported results by %(day)s."),
    (Kind.LATE, "start"): gettext_lazy("Your own agreement should have been proposed by %(day)s; it was not started."),
    (Kind.LATE, "propose"): gettext_lazy("Your own agreement should have been proposed by %(day)s."),
    (Kind.LATE, "agree"): gettext_lazy("A proposed agreement should have been signed or returned by %(day)s."),
    (Kind.LATE, "report"): gettext_lazy("Your results should have been reported by %(day)s."),
    (Kind.LATE, "assess"): gettext_lazy("Reported results should have been assessed by %(day)s."),
    (Kind.ESCALATION, "start"): gettext_lazy(
        "Somebody in your care has not started an agreement, which should have been proposed by %(day)s. "
        "My work says who."
    ),
    (Kind.ESCALATION, "propose"): gettext_lazy("An agreement in your care should have been proposed by %(day)s."),
    (Kind.ESCALATION, "agree"): gettext_lazy(
        "An agreement in your care should have been signed or returned by its assessor by %(day)s."
    ),
    (Kind.ESCALATION, "report"): gettext_lazy("Results in your care should have been reported by %(day)s."),
    (Kind.ESCALATION, "assess"): gettext_lazy("Results in your care should have been assessed by %(day)s."),
    (Kind.RETURNED, "propose"): gettext_lazy("Your agreement was returned to you, with a reason."),
    (Kind.RETURNED, "report"): gettext_lazy("The results you reported were returned to you, with a reason."),
    (Kind.RETURNED, "assess"): gettext_lazy("An assessment that you signed was returned to you, with a reason."),
    (Kind.TURN, "agree"): gettext_lazy("An agreement was proposed to you. Sign it, or return it with a reason."),
    **{
        (Kind.TURN, f"witness-agreement-{number}"): gettext_lazy(
            "An agreement was proposed. You are named as its witness: read it and sign."
        )
        for number in range(1, 5)
    },
    (Kind.TURN, "report"): gettext_lazy("Your assessor has signed: your agreement holds for this round."),
    (Kind.TURN, "assess"): gettext_lazy("Results were reported to you, to be assessed."),
    (Kind.TURN, "acknowledge"): gettext_lazy("The result of your assessment is there. Read it and sign."),
    (Kind.TURN, "review"): gettext_lazy("A result waits for your opinion as superior."),
    (Kind.DUE, "judge"): gettext_lazy("An indicator that your unit judges for others is to be handed in by %(day)s."),
    (Kind.LATE, "judge"): gettext_lazy(
        "An indicator that your unit judges for others should have been handed in by %(day)s."
    ),
    (Kind.DUE, "figures"): gettext_lazy("A report of your unit is to be sent by %(day)s."),
    (Kind.LATE, "figures"): gettext_lazy("A report of your unit should have been sent by %(day)s."),
    (Kind.ESCALATION, "figures-below"): gettext_lazy(
        "Units below yours have not sent a report that was due by %(day)s. The page of the report says which."
    ),
    (Kind.RETURNED, "figures"): gettext_lazy("A report of your unit was returned, with what is to be changed."),
    (Kind.RETURNED, "figures-unlocked"): gettext_lazy(
        "An approved report of your unit was unlocked, with a reason: it can be changed and is to be certified again."
    ),
    (Kind.TURN, "certify-figures"): gettext_lazy("A report of your unit is complete. Certify it as its head."),
    (Kind.NEWS, "judged"): gettext_lazy("A unit above has judged an indicator that you assess."),
    (Kind.NEWS, "time-propose"): gettext_lazy("More time was given: propose your own agreement by %(day)s."),
    (Kind.NEWS, "time-report"): gettext_lazy("More time was given: report your results by %(day)s."),
    (Kind.NEWS, "time-assess"): gettext_lazy("More time was given: assess the results in your care by %(day)s."),
    (Kind.NEWS, "assess"): gettext_lazy("The assessment is signed. You see the result once it is released."),
    (Kind.NEWS, "review"): gettext_lazy("The superior has given an opinion on your result."),
    (Kind.NEWS, "collector"): gettext_lazy("You collect indicators of your office's agreement: enter their results."),
    (Kind.NEWS, "owner"): gettext_lazy("You own indicators of your office's agreement: confirm what is entered."),
    (Kind.NEWS, "close"): gettext_lazy("Your agreement is closed. Everybody has signed."),
}
# For acts that have no sentence of their own.
GENERAL: Mapping[str, Promise] = {
    Kind.DUE: gettext_lazy("An agreement waits for you until %(day)s."),
    Kind.LATE: gettext_lazy("An agreement has waited for you since %(day)s."),
    Kind.ESCALATION: gettext_lazy("An agreement in your care has been late since %(day)s."),
    Kind.RETURNED: gettext_lazy("An agreement was returned to you, with a reason."),
    Kind.TURN: gettext_lazy("An agreement waits for you."),
    Kind.NEWS: gettext_lazy("An agreement of yours has moved on."),
    Kind.REMINDER: gettext_lazy("The HR office reminds you of an agreement that waits for you."),
}


def sentence(notice: Notice, today: date) -> str:
    """Return what `notice` says, read on `today`."""
    if notice.kind == Kind.REMINDER:
        return _reminder(notice, today)
    return _say(notice.kind, notice)


def _reminder(notice: Notice, today: date) -> str:
    if notice.due is None:
        return str(GENERAL[Kind.REMINDER])
    kind = Kind.LATE if notice.due < today else Kind.DUE
    return _("Reminder of the HR office: %(what)s") % {"what": _say(kind, notice)}


def _say(kind: str, notice: Notice) -> str:
    text = SENTENCES.get((kind, notice.act)) or GENERAL[kind]
    return str(text) % {"day": day_in_words(notice.due)} if notice.due else str(text)


def day_in_words(day: date | None) -> str:
    """Return a day in the Buddhist Era, in the reader's language."""
    if day is None:
        return ""
    return thai.format_date(day, "long") if get_language() == "th" else f"{day:%d/%m}/{day.year + 543}"


def how_long(notice: Notice, today: date) -> str:
    """Return how long there is still, or how late it is; empty where nothing is due."""
    return deadlines.words(notice.due, today) if notice.due else ""
