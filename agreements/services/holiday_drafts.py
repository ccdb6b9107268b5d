"""Government holidays of a year as the package `holidays` has them, mended to what government offices keep.

The package counts two days on which offices work, knows the ploughing ceremony only for years whose day is announced,
and lists extra days that the Cabinet gave, which an office has to look up: these are offered, and not ticked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from holidays import country_holidays

COUNTRY, LANGUAGE = "TH", "th"
# Holidays of workers and schools: government offices work.
NOT_GOVERNMENT = frozenset({"วันแรงงานแห่งชาติ", "วันเด็กแห่งชาติ"})
INSTEAD = "ชดเชย"
# What the Cabinet adds for one year, with no name that says of what it is.
EXTRA = ("วันหยุดพิเศษ", "วันหยุดชดเชย", "วันเลือกตั้ง")
PLOUGHING = "วันพืชมงคล"
# As offices write them; the package has the names of the announcements.
SHORT = {"วันพระบาทสมเด็จพระพุทธยอดฟ้าจุฬาโลกมหาราช และวันที่ระลึกมหาจักรีบรมราชวงศ์": "วันจักรี"}
BETWEEN = "; "


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A day that the draft suggests; an extra day is one to be looked up first."""

    day: date
    name: str
    is_extra: bool = False

    @property
    def is_ploughing(self) -> bool:
        """Whether it is the day of the ploughing ceremony, which is announced anew each year."""
        return self.name == PLOUGHING


def suggested(first: date, last: date) -> list[Suggestion]:
    """Return the holidays from `first` to `last`, day by day."""
    years = range(first.year, last.year + 1)
    found = dict(country_holidays(COUNTRY, years=years, language=LANGUAGE))
    ploughing = country_holidays(COUNTRY, years=years, language=LANGUAGE, categories=("government",))
    for day, name in ploughing.items():
        if name == PLOUGHING:
            found[day] = BETWEEN.join([name] if day not in found else [found[day], name])
    days = [_suggestion(day, name) for day, name in sorted(found.items()) if first <= day <= last]
    return [one for one in days if one is not None]


def _suggestion(day: date, told: str) -> Suggestion | None:
    names = [name for name in told.split(BETWEEN) if name.removeprefix(INSTEAD) not in NOT_GOVERNMENT]
    if not names:
        return None
    is_extra = all(name.startswith(EXTRA) for name in names)
    return Suggestion(day, " ".join(_short(name) for name in names), is_extra)


def _short(name: str) -> str:
    bare = name.removeprefix(INSTEAD)
    return name.replace(bare, SHORT.get(bare, bare))
