"""The daily e-mail: one a person and day, with what the portal has to tell, and no more than that."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.models import Digest, Notice, User
from agreements.services import deadlines, notice_words

logger = logging.getLogger(__name__)

# A run that was killed between claiming and sending leaves its claim behind; after so long another may take it over.
CLAIM_HOLDS = timedelta(minutes=15)


class MailOff(Exception):
    """No mail server is named in the settings."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How many people were mailed, and how many could not be."""

    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the e-mail, with the address of the task; or of all notices, where it stands for several."""

    text: str
    url: str


def send_digests(*, at: datetime, clock: datetime) -> Sent:
    """Mail everybody who has something new and was not mailed today.

    `at` is the portal's time, `clock` the machine's: claims run out by it, also where the demo's day stands still.

    :raises MailOff: if no mail server is named.
    """
    if not settings.MAIL:
        raise MailOff(_("No mail server is named in KPI_EMAIL_URL: nothing was mailed."))
    day = deadlines.local_day(at)
    done = Digest.objects.filter(day=day, sent_at__isnull=False)
    waiting = Notice.objects.to_mail(at=at).exclude(user__in=done.values("user"))
    sent = failed = 0
    connection = get_connection()
    try:
        for user in User.objects.filter(pk__in=waiting.values("user")).order_by("pk"):
            digest = _claim(user, day, at=at, clock=clock)
            if digest is None:
                continue
            if _send(digest, user, connection):
                _keep_sent(digest, at=at)
                sent += 1
            else:
                digest.delete()
                failed += 1
    finally:
        connection.close()
    return Sent(sent, failed)


def _claim(user: User, day: date, *, at: datetime, clock: datetime) -> Digest | None:
    """Return today's e-mail of `user` for this run alone to send; none where another run has it, or it was sent."""
    keys = list(Notice.objects.to_mail(at=at).filter(user=user).order_by("pk").values_list("pk", flat=True))
    try:
        with transaction.atomic():
            return Digest.objects.create(user=user, day=day, claimed_at=clock, notices=keys) if keys else None
    except IntegrityError:
        stale = Digest.objects.filter(user=user, day=day, sent_at=None, claimed_at__lte=clock - CLAIM_HOLDS)
        return Digest.objects.get(user=user, day=day) if stale.update(claimed_at=clock) else None


@transaction.atomic
def _keep_sent(digest: Digest, *, at: datetime) -> None:
    Digest.objects.filter(pk=digest.pk).update(sent_at=at)
    Notice.objects.filter(pk__in=digest.notices, mailed_at=None).update(mailed_at=at)


def _send(digest: Digest, user: User, connection: BaseEmailBackend) -> bool:
    notices = list(Notice.objects.filter(pk__in=digest.notices, user=user).order_by("pk"))
    try:
        # Nobody's chosen language is known here: the portal's own.
        with translation.override(settings.LANGUAGE_CODE):
            connection.open()
            message_for(user, notices, day=digest.day, connection=connection).send()
    except (SMTPException, OSError, BadHeaderError, ValueError):
        # The others are mailed all the same; the address is no business of the log file.
        logger.exception("The daily e-mail of user %s was not sent.", user.pk)
        connection.close()
        return False
    return True


# --- What it says ----------------------------------------------------------------------------------------------------
def message_for(
    user: User, notices: Sequence[Notice], *, day: date, connection: BaseEmailBackend | None = None
) -> EmailMultiAlternatives:
    """Return the e-mail to `user` about `notices`: no score, nobody's name, nothing that HR wrote in its own words."""
    context = {
        "lines": lines_of(notices, day),
        "work": settings.PUBLIC_URL + reverse("agreements:work"),
        "settings_url": settings.PUBLIC_URL + reverse("agreements:mail-settings"),
    }
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    message = EmailMultiAlternatives(
        subject=_("KPI portal: what waits for you"),
        body=render_to_string("agreements/mail_digest.txt", context),
        to=[user.email],
        connection=connection,
        headers={
            # Nobody's absence note answers it, and programs can sort it.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Id": f"<notices.{host}>",
            # Sent twice after a crash, it is the same message: many mail programs then show it once.
            "Message-ID": f"<digest.{user.pk}.{day:%Y%m%d}@{host}>",
        },
    )
    message.attach_alternative(render_to_string("agreements/mail_digest.html", context), "text/html")
    return message


def lines_of(notices: Sequence[Notice], day: date) -> list[Line]:
    """Return what `notices` say, those that say the same as one line."""
    alike: dict[str, list[Notice]] = {}
    for notice in notices:
        alike.setdefault(notice_words.sentence(notice, day), []).append(notice)
    return [_line(text, same) for text, same in alike.items()]


def _line(text: str, same: Sequence[Notice]) -> Line:
    if len(same) == 1:
        return Line(text, settings.PUBLIC_URL + same[0].get_absolute_url())
    said = _("%(sentence)s There are %(count)s of these.") % {"sentence": text, "count": len(same)}
    return Line(said, settings.PUBLIC_URL + reverse("agreements:notices"))
