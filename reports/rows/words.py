"""Words, dates and digits as they stand on paper."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from agreements.thai import DateStyle, format_date, to_thai_digits

Content = Mapping[str, Any]

STATUS_WORDS = {"cancelled": "ยกเลิก", "not_reported": "ไม่รายงานผล", "unscored": "ไม่นำมาคิดคะแนน"}

# Tags, character references, and what says that it is no text to translate: codes to type, names of files.
_KEPT = re.compile(r'<(?P<tag>\w+)[^<>]* translate="no"[^<>]*>.*?</(?P=tag)>|<[^<>]*>|&[^;\s]*;', re.DOTALL)


def day(iso: object, style: DateStyle = "short") -> str:
    """Return the ISO date `iso` in the Buddhist Era; empty if there is none."""
    return format_date(date.fromisoformat(str(iso)), style) if iso else ""


def text(value: object) -> str:
    """Return `value` as it is printed; nothing for nothing."""
    return "" if value is None else str(value)


def with_thai_digits(html: str) -> str:
    """Return `html` with its visible figures in Thai digits; elements with translate="no" stay as they are."""
    kept = [found.group() for found in _KEPT.finditer(html)]
    shown = map(to_thai_digits, re.split("\0", _KEPT.sub("\0", html)))
    return "".join(piece for pair in zip(shown, [*kept, ""], strict=True) for piece in pair)
