"""Thai digits, numbers, Buddhist Era dates, and keys to sort and search Thai text by.

Pure functions: no models, no clock, no settings. Refusals are exceptions whose message is fit to show.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Literal, TypeAlias

from django.utils.translation import gettext as _

DateStyle: TypeAlias = Literal["short", "long", "numeric"]

BUDDHIST_ERA = 543
# Thailand has kept this one offset since 1920, so no time zone database is needed.
THAI_TIME = timezone(timedelta(hours=7))

SHORT_MONTHS = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
LONG_MONTHS = (
    *("มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน"),
    *("กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม"),
)


class NotUnderstood(ValueError):
    """What was typed cannot be read; `code` says why and the message is fit to show."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class NotANumber(NotUnderstood):
    """What was typed is not one plain number."""


class NotADate(NotUnderstood):
    """What was typed is not one day (or month) of the calendar."""


class ChristianEraYear(NotADate):
    """The year looks like one of the Christian Era: the person has to say which day was meant.

    `christian` and `buddhist` are the day under either reading, or None where that reading has no such day.
    """

    def __init__(self, year: int, *, christian: date | None, buddhist: date | None) -> None:
        message = _("The year %(year)s looks like the Christian Era. In the Buddhist Era it is %(buddhist)s.")
        super().__init__(message % {"year": year, "buddhist": year + BUDDHIST_ERA}, code="christian_era")
        self.year = year
        self.christian = christian
        self.buddhist = buddhist


# --- Digits ----------------------------------------------------------------------------------------------------------
_TO_ARABIC = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_TO_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def to_arabic_digits(text: str) -> str:
    """Return `text` with ๐–๙ written as 0–9."""
    return text.translate(_TO_ARABIC)


def to_thai_digits(text: str) -> str:
    """Return `text` with 0–9 written as ๐–๙."""
    return text.translate(_TO_THAI)


# --- Text ------------------------------------------------------------------------------------------------------------
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACES = re.compile(r"[^\S\n\r]+")
_TONES = "\u0e48-\u0e4b"
_SPELLINGS = (
    (re.compile("เเ"), "แ"),
    # Sara am as two characters, the tone mark before or after the nikhahit.
    (re.compile(f"([{_TONES}]?)\u0e4d([{_TONES}]?)\u0e32"), "\\1\\2\u0e33"),
    # A tone mark typed too late, after sara am, or too early, before the vowel above.
    (re.compile(f"\u0e33([{_TONES}]+)"), "\\1\u0e33"),
    (re.compile(f"([{_TONES}])([\u0e31\u0e34-\u0e37])"), "\\2\\1"),
)
# What any of them begins with: one look at most texts is enough.
_MISSPELT = re.compile(f"เเ|\u0e4d|\u0e33[{_TONES}]|[{_TONES}][\u0e31\u0e34-\u0e37]")
_WITHOUT_SOUND = re.compile("[\u0e3a\u0e47-\u0e4e]")


def normalise(text: str) -> str:
    """Return `text` spelled one way: NFC, one sara am and one sara ae, plain single spaces, nothing invisible."""
    return _SPACES.sub(" ", one_spelling(_INVISIBLE.sub("", text))).strip()


def one_spelling(text: str) -> str:
    """Return `text` with what looks the same written the same: NFC, one sara am, one sara ae, marks in their order."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    if not _MISSPELT.search(text):
        return text
    for wrong, right in _SPELLINGS:
        text = wrong.sub(right, text)
    return text


def search_key(text: str) -> str:
    """Return `text` as it is stored and looked for in searches: no tone marks, spaces or punctuation, one case."""
    text = _WITHOUT_SOUND.sub("", to_arabic_digits(normalise(text)).casefold())
    return "".join(char for at, char in enumerate(text) if _is_searched(char) or _stands_between_digits(text, at))


def _is_searched(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMNS" and char not in "ฯๆ"


def _stands_between_digits(text: str, at: int) -> bool:
    # "8.1" must not be found by "81".
    return 0 < at < len(text) - 1 and not text[at].isspace() and text[at - 1].isdigit() and text[at + 1].isdigit()


# --- Sorting ---------------------------------------------------------------------------------------------------------
# The order is that of ICU's Thai collation. Keys hold only 0-9 and a-z, so that any database collation keeps it.
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_LETTERS = "".join(map(chr, range(0x0E01, 0x0E2F))) + "\u0e4dะ\u0e31า\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39เแโใไ\u0e3a"
_MARKS = {mark: str(rank) for rank, mark in enumerate("\u0e4e\u0e4c\u0e47\u0e48\u0e49\u0e4a\u0e4b", start=2)}
_OTHER_MARK = "9"
_LEADING_VOWEL = re.compile("([เแโใไ])([ก-ฮ])")
_IGNORED = "ฯๆ"


def sort_key(text: str) -> str:
    """Return a key whose plain string order is the order of a Thai dictionary.

    Letters come first, then tone marks, then capitals; spaces and punctuation do not count, ๑ equals 1.
    """
    # Sara am sorts as sara aa with a nikhahit behind it.
    text = to_arabic_digits(normalise(text)).replace("\u0e33", "าํ")
    text = unicodedata.normalize("NFD", _LEADING_VOWEL.sub(r"\2\1", text))
    letters: list[str] = []
    marks: list[str] = []
    cases: list[str] = []
    ignored = False
    for char in text:
        if unicodedata.category(char) == "Mn" and char not in _LETTERS:
            # A mark on something that does not count does not count either.
            marks.extend([] if ignored else _MARKS.get(char, _OTHER_MARK))
        elif not (ignored := _is_ignored(char)):
            plain = char.casefold().replace("ๅ", "า")
            letters.extend(map(_weight, plain))
            marks.extend("1" * len(plain))
            cases.extend(("1" if plain == char else "2") * len(plain))
    # 0 ends a level and is lower than any weight; weights of nothing special at the end say nothing.
    levels = ["".join(letters), "".join(marks).rstrip("1"), "".join(cases).rstrip("1")]
    while len(levels) > 1 and not levels[-1]:
        levels.pop()
    return "0".join(levels)


def _is_ignored(char: str) -> bool:
    return unicodedata.category(char)[0] in "PZC" or char in _IGNORED


def _weight(char: str) -> str:
    """Return the first-level weight: symbols, digits, Thai, Latin, then the rest of the world."""
    if char in "0123456789":
        return "2" + char
    rank = _LETTERS.find(char)
    if rank >= 0:
        return _ALPHABET[3 + rank // 36] + _ALPHABET[rank % 36]
    if "a" <= char <= "z":
        return "5" + char
    group = "1" if unicodedata.category(char)[0] == "S" else "6"
    return group + _base36(ord(char))


def _base36(number: int) -> str:
    return "".join(_ALPHABET[number // 36**power % 36] for power in (3, 2, 1, 0))


# --- Numbers ---------------------------------------------------------------------------------------------------------
LONGEST_NUMBER = 40
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})
_EXPONENT = re.compile(r"\d\s*[eE]\s*[+-]?\s*\d")
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?P<by>[, ])\d{3})(?:(?P=by)\d{3})*(?:\.\d+)?", re.ASCII)


def parse_number(text: str) -> Decimal:
    """Return the number typed as 1,234.50, ๑,๒๓๔.๕๐, 1 234.5, 87.5 % or −3; the % sign itself counts for nothing.

    :raises NotANumber: if it is empty, or anything but one plain number with commas where thousands end.
    """
    typed = normalise(to_arabic_digits(text)).translate(_MINUS)
    if not typed:
        raise NotANumber(_("Type a number."), code="empty")
    if len(typed) > LONGEST_NUMBER:
        raise NotANumber(_("This number is too long."), code="too_long")
    typed = re.sub(r"^([+-]) ", r"\1", re.sub(r" ?[%\uff05]$", "", typed))
    if _PLAIN.fullmatch(typed) or _GROUPED.fullmatch(typed):
        return Decimal(typed.replace(",", "").replace(" ", ""))
    raise _number_refused(typed)


def _number_refused(typed: str) -> NotANumber:
    if _EXPONENT.search(typed):
        return NotANumber(_("Write the number out in full, without an exponent such as 1e3."), code="exponent")
    if re.search(r"[^\d., +-]|\D-", typed):
        return NotANumber(_("This is not a number. Use digits only, for example 1,234.50."), code="characters")
    if typed.count(".") > 1:
        return NotANumber(_("A number has only one decimal point."), code="points")
    if "," in typed or " " in typed:
        message = _("The commas are not where thousands end. Write 1,234.50, or leave them out.")
        return NotANumber(message, code="grouping")
    return NotANumber(_("This is not a number. Use digits only, for example 1,234.50."), code="characters")


def canonical_decimal(number: Decimal) -> str:
    """Return `number` as it is stored: every digit that counts, no exponent, no trailing zeros, no −0.

    :raises NotANumber: if it is infinite or not a number.
    """
    if not number.is_finite():
        raise NotANumber(_("Type a number."), code="not_finite")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", "", "-"} else text


def format_number(
    value: Decimal | str, places: int | None = None, *, grouping: bool = True, thai_digits: bool = False
) -> str:
    """Return `value` for people to read, rounded half up to `places` where they are given.

    :raises NotANumber: if `value` is text that is not a number.
    """
    number = parse_number(value) if isinstance(value, str) else value
    shown = canonical_decimal(number) if places is None else _rounded(number, places)
    whole, point, fraction = shown.lstrip("-").partition(".")
    if grouping:
        whole = f"{int(whole):,}"
    shown = ("-" if shown.startswith("-") else "") + whole + point + fraction
    return to_thai_digits(shown) if thai_digits else shown


def _rounded(number: Decimal, places: int) -> str:
    with localcontext(prec=len(number.as_tuple().digits) + abs(number.adjusted()) + places + 2):
        rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return format(abs(rounded) if rounded.is_zero() else rounded, "f")


# --- Dates -----------------------------------------------------------------------------------------------------------
_ENGLISH_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SPOKEN_MONTHS = (
    *("มกรา", "กุมภา", "มีนา", "เมษา", "พฤษภา", "มิถุนา"),
    *("กรกฎา", "สิงหา", "กันยา", "ตุลา", "พฤศจิกา", "ธันวา"),
)
LONGEST_DATE = 80
_BUDDHIST_YEARS = range(2400, 2700)
_CHRISTIAN_YEARS = range(1857, 2157)

_ERA = r"(?P<era>พ\.?\s?ศ\.?|พุทธศักราช|ค\.?\s?ศ\.?|คริสต์ศักราช)?"
_YEAR = rf"\s*{_ERA}\s*(?P<year>\d{{4}}|\d{{2}})"
_BEFORE_DAY = r"(?:(?:วัน\S*?\s?ที่|ที่)\s*)?"
_NAME = r"(?:เดือน)?\s*(?P<month>[ก-ฮะ-ฺเ-์A-Za-z][ก-ฮะ-ฺเ-์A-Za-z. ]*?)"
_DAY_SHAPES = tuple(
    re.compile(shape, re.ASCII)
    for shape in (
        rf"{_BEFORE_DAY}(?P<day>\d{{1,2}})\s*{_NAME}[,.]?{_YEAR}",
        r"(?P<day>\d{1,2})(?P<by> ?[/.\-] ?| )(?P<month>\d{1,2})(?P=by)(?P<year>\d{4}|\d{2})(?P<era>)",
        r"(?P<year>\d{4})(?P<by>[/.\-])(?P<month>\d{1,2})(?P=by)(?P<day>\d{1,2})(?P<era>)",
    )
)
_MONTH_SHAPES = tuple(
    re.compile(shape, re.ASCII)
    for shape in (
        rf"{_NAME}[,.]?{_YEAR}",
        r"(?P<month>\d{1,2}) ?[/.\-] ?(?P<year>\d{4}|\d{2})(?P<era>)",
        r"(?P<year>\d{4})[/.\-](?P<month>\d{1,2})(?P<era>)",
    )
)


def _month_names() -> dict[str, int]:
    spellings = (SHORT_MONTHS, LONG_MONTHS, _SPOKEN_MONTHS, _ENGLISH_MONTHS, tuple(m[:3] for m in _ENGLISH_MONTHS))
    names = {_letters_of(name): number for months in spellings for number, name in enumerate(months, start=1)}
    return names | {"sept": 9}


def _letters_of(name: str) -> str:
    # กรกฏาคม with the wrong ฏ is the commonest misspelling of a month.
    return re.sub(r"[. ]", "", name).lower().replace("ฏ", "ฎ")


_MONTHS = _month_names()


def parse_date(text: str) -> date:
    """Return the day typed in the Buddhist Era: 23 ก.ย. 2563, ๒๓ กันยายน พ.ศ. ๒๕๖๓, 23/9/63, 2563-09-23.

    Two digits of a year are of the twenty-sixth century. A year marked ค.ศ. is taken at its word.

    :raises ChristianEraYear: if the year is one of the Christian Era and is not marked as such.
    :raises NotADate: if it is anything else than one existing day.
    """
    typed = _typed(text)
    for shape in _DAY_SHAPES:
        if found := shape.fullmatch(typed):
            return _calendar_day(found["year"], found["era"], _month_number(found["month"]), int(found["day"]))
    if any(shape.fullmatch(typed) for shape in _MONTH_SHAPES):
        raise NotADate(_("The day is missing. Write it like 23 ก.ย. 2563."), code="no_day")
    raise NotADate(_("This is not a date. Write it like 23 ก.ย. 2563 or 23/9/2563."), code="shape")


def parse_month(text: str) -> date:
    """Return the first day of the month typed in the Buddhist Era: ก.ย. 2561, กันยายน ๖๑, 9/2561.

    :raises ChristianEraYear: if the year is one of the Christian Era and is not marked as such.
    :raises NotADate: if it is anything else than one month.
    """
    typed = _typed(text)
    for shape in _MONTH_SHAPES:
        if found := shape.fullmatch(typed):
            return _calendar_day(found["year"], found["era"], _month_number(found["month"]), 1)
    raise NotADate(_("This is not a month. Write it like ก.ย. 2563 or 9/2563."), code="shape")


def _typed(text: str) -> str:
    typed = normalise(to_arabic_digits(text)).translate(_MINUS)
    if not typed:
        raise NotADate(_("Type a date."), code="empty")
    if len(typed) > LONGEST_DATE:
        raise NotADate(_("This is not a date. Write it like 23 ก.ย. 2563 or 23/9/2563."), code="shape")
    return typed


def _month_number(name: str) -> int:
    number = int(name) if name.isdigit() else _MONTHS.get(_letters_of(name), 0)
    if not 1 <= number <= 12:
        raise NotADate(_("There is no month “%(name)s”.") % {"name": name.strip()}, code="month")
    return number


def _calendar_day(year_text: str, era: str | None, month: int, day: int) -> date:
    year = int(year_text) + (2500 if len(year_text) == 2 and not _is_christian(era) else 0)
    christian, buddhist = _day_or_none(year, month, day), _day_or_none(year - BUDDHIST_ERA, month, day)
    if _is_christian(era) and year in _CHRISTIAN_YEARS:
        return _existing(christian, year, month, day)
    if year in _BUDDHIST_YEARS and not _is_christian(era):
        return _existing(buddhist, year, month, day)
    if year in _CHRISTIAN_YEARS and (christian or buddhist):
        raise ChristianEraYear(year, christian=christian, buddhist=buddhist)
    if year in _CHRISTIAN_YEARS:
        return _existing(None, year, month, day)
    raise NotADate(_("The year %(year)s is out of range.") % {"year": year}, code="year")


def _is_christian(era: str | None) -> bool:
    return bool(era) and str(era).startswith("ค")


def _day_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _existing(found: date | None, year: int, month: int, day: int) -> date:
    if found is None:
        day_shown = f"{day} {SHORT_MONTHS[month - 1]} {year}"
        raise NotADate(_("There is no day %(date)s.") % {"date": day_shown}, code="day")
    return found


def format_date(day: date, style: DateStyle = "short", *, thai_digits: bool = False) -> str:
    """Return `day` in the Buddhist Era: 23 ก.ย. 2563, 23 กันยายน 2563 or 23/09/2563."""
    year = day.year + BUDDHIST_ERA
    if style == "numeric":
        shown = f"{day.day:02}/{day.month:02}/{year}"
    else:
        months = SHORT_MONTHS if style == "short" else LONG_MONTHS
        shown = f"{day.day} {months[day.month - 1]} {year}"
    return to_thai_digits(shown) if thai_digits else shown


def format_month(day: date, style: Literal["short", "long"] = "short", *, thai_digits: bool = False) -> str:
    """Return the month of `day` in the Buddhist Era: ก.ย. 2563 or กันยายน 2563."""
    months = SHORT_MONTHS if style == "short" else LONG_MONTHS
    shown = f"{months[day.month - 1]} {day.year + BUDDHIST_ERA}"
    return to_thai_digits(shown) if thai_digits else shown


def format_datetime(moment: datetime, style: DateStyle = "short", *, thai_digits: bool = False) -> str:
    """Return `moment` as 23 ก.ย. 2563 14.30 น.; one that carries a time zone is told in Thai time."""
    local = moment.astimezone(THAI_TIME) if moment.tzinfo is not None else moment
    shown = f"{format_date(local, style)} {local:%H.%M} น."
    return to_thai_digits(shown) if thai_digits else shown


def fiscal_year_of(day: date) -> int:
    """Return the fiscal year (พ.ศ.) that `day` lies in; year N begins on 1 October N−1."""
    return day.year + BUDDHIST_ERA + (1 if day.month >= 10 else 0)
