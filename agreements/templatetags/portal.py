"""What templates need to show facts the same way everywhere: words of states, dates, figures, icons."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.core.paginator import Page
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as format_with
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy as _

from agreements import request_ids
from agreements.thai import DateStyle, format_date, format_datetime, format_month, format_number
from scoring.numbers import display, plain

register = template.Library()


@dataclass(frozen=True, slots=True)
class Look:
    """The one word, icon and tone that a state has on every page."""

    word: str | Promise
    icon: str
    tone: str


# Tones say how firm a thing is, not which step it is: "quiet" binds nobody, "moving" is under way, "done" is finished,
# "due" wants somebody. Lateness is "late" and belongs to dates, never to states.
STATES = {
    "draft": Look(_("Draft"), "pencil", "quiet"),
    "proposed": Look(_("Proposed"), "send", "moving"),
    "agreed": Look(_("Agreed"), "pen", "moving"),
    "reported": Look(_("Reported"), "clipboard-check", "moving"),
    "assessed": Look(_("Assessed"), "clipboard-data", "moving"),
    "released": Look(_("Released"), "megaphone", "moving"),
    "acknowledged": Look(_("Acknowledged"), "person-check", "moving"),
    "reviewed": Look(_("Reviewed"), "patch-check", "moving"),
    "closed": Look(_("Closed"), "lock", "done"),
    "ended": Look(_("Ended"), "slash-circle", "quiet"),
    # What became of one indicator.
    "scored": Look(_("Scored"), "check-circle", "done"),
    "not_reported": Look(_("Not reported"), "hourglass-split", "due"),
    "cancelled": Look(_("Cancelled"), "dash-circle", "quiet"),
    "unscored": Look(_("Not counted"), "eye", "quiet"),
    # Frameworks and rounds.
    "published": Look(_("Published"), "check-circle", "done"),
    "superseded": Look(_("Superseded"), "archive", "quiet"),
    "planned": Look(_("Planned"), "calendar-event", "quiet"),
    "open": Look(_("Open"), "circle-half", "moving"),
    # What units report.
    "entering": Look(_("Being entered"), "pencil", "quiet"),
    "complete": Look(_("Complete"), "check2", "moving"),
    "certified": Look(_("Certified"), "patch-check", "moving"),
    "approved": Look(_("Approved"), "lock", "done"),
    "not_begun": Look(_("Not begun"), "circle", "quiet"),
    "returned": Look(_("Returned"), "reply", "due"),
    # Accounts.
    "enabled": Look(_("May sign in"), "check-circle", "quiet"),
    "no_password": Look(_("No password yet"), "key", "due"),
    "disabled": Look(_("Disabled"), "slash-circle", "quiet"),
}
MESSAGE_ICONS = {
    "success": "check-circle",
    "danger": "exclamation-octagon",
    "warning": "exclamation-triangle",
    "info": "info-circle",
    "secondary": "gear",
}
FILE_ICONS = {
    "pdf": "file-earmark-pdf",
    "xlsx": "file-earmark-ruled",
    "xls": "file-earmark-ruled",
    "docx": "file-earmark-text",
    "doc": "file-earmark-text",
    "jpg": "file-earmark-image",
    "jpeg": "file-earmark-image",
    "png": "file-earmark-image",
    "zip": "file-earmark-zip",
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw the icon `name`; give it a `label` only where no word stands beside it."""
    href = f"{static('vendored/bootstrap-icons/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.filter
def state_look(state: str) -> Look:
    """Return the word, icon and tone of `state`.

    :raises KeyError: if no such state is known here.
    """
    return STATES[state]


@register.filter
def message_icon(tag: str) -> str:
    """Return the icon of a message with level `tag`."""
    return MESSAGE_ICONS[tag]


@register.filter
def file_icon(name: str) -> str:
    """Return the icon for a file called `name`."""
    return FILE_ICONS.get(name.rpartition(".")[2].lower(), "file-earmark")


@register.filter
def be_date(value: date | datetime | None, style: DateStyle = "short") -> str:
    """Write a date in the Buddhist Era, in the reader's language: 18 ก.พ. 2556, 18 Feb 2556."""
    if value is None:
        return ""
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    if get_language() == "th":
        return format_date(day, style=style)
    if style == "numeric":
        return f"{day:%d/%m}/{day.year + 543}"
    return f"{format_with(day, 'j F' if style == 'long' else 'j M')} {day.year + 543}"


@register.filter
def be_month(day: date) -> str:
    """Write the month of a day with its year of the Buddhist Era: มกราคม 2556, in English January 2556."""
    if get_language() == "th":
        return format_month(day, "long")
    return f"{format_with(day, 'F')} {day.year + 543}"


@register.filter
def be_datetime(value: datetime | None, style: DateStyle = "short") -> str:
    """Write a moment as Buddhist Era date and Thai local time: 18 ก.พ. 2556 14.05 น., 18 Feb 2556, 14:05."""
    if value is None:
        return ""
    if get_language() == "th":
        return format_datetime(value, style)
    return f"{be_date(value, style)}, {timezone.localtime(value):%H:%M}"


@register.filter
def day_time(value: datetime) -> str:
    """Write the time of a moment of today in Thai local time: 14.05 น., 14:05."""
    local = timezone.localtime(value)
    return f"{local:%H.%M} น." if get_language() == "th" else f"{local:%H:%M}"


@register.filter
def decimal(value: Fraction | Decimal | int | str | None, places: int | None = None) -> str:
    """Write a number with grouped thousands, rounded half up to `places`; as it is if no places are given."""
    if value is None or value == "":
        return ""
    if isinstance(value, Fraction):
        value = plain(value) if places is None else display(value, places)
    return format_number(Decimal(value) if isinstance(value, int) else value, places)


@register.filter
def machine(value: Fraction | Decimal | int | str, places: int) -> str:
    """Write a number for an HTML attribute: rounded half up to `places`, without grouping."""
    return decimal(value, places).replace(",", "")


@register.filter
def whole_words(text: str) -> SafeString:
    """Keep each word between spaces on one line: names of people are not split where Thai would allow it."""
    return format_html_join(" ", '<span class="nowrap">{}</span>', ((word,) for word in str(text).split()))


@register.filter
def elided_pages(page: Page[Any]) -> list[int | str]:
    """Return the page numbers to offer around `page`, with gaps where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag
def request_id() -> str:
    """Return the number of this request, also where a template is rendered without one."""
    return request_ids.current()
