"""The pictures of a dashboard: exact figures into coordinates, legible in grey, drawn on the server.

Fills stand in the pictures themselves: the same are set on paper, where no style sheet reaches into a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from agreements.models import Round
from agreements.services.dashboards import Cell, Measure
from agreements.views.charts import trend_chart
from scoring import display

WIDTH, HEIGHT, GAP = 180, 22, 1
#: A share narrower than this has no room for its count; the table has it.
LEAST_FOR_COUNT = 16
#: From the lowest band to the highest ever darker, so that grey tells them apart.
LIGHT, DARK = (236, 237, 248), (52, 58, 132)
INK, WHITE = "#1f1d1a", "#ffffff"


def bands_of(measure: Measure) -> list[str]:
    """Return the bands of a distribution in words, the lowest first."""
    levels = measure.levels
    named = [_("below %(level)s") % {"level": levels[0]}]
    named += [_("%(level)s to below %(next)s") % {"level": low, "next": high} for low, high in pairwise(levels)]
    return [*named, str(levels[-1])]


def _fill(at: int, count: int) -> str:
    share = Fraction(at, max(count - 1, 1))
    shade = (round(low + (high - low) * share) for low, high in zip(LIGHT, DARK, strict=True))
    return "#" + "".join(f"{part:02x}" for part in shade)


def legend_of(measure: Measure) -> list[dict[str, str]]:
    """Return each band in words with its fill."""
    named = bands_of(measure)
    return [{"label": label, "fill": _fill(at, len(named))} for at, label in enumerate(named)]


def spread_chart(cell: Cell) -> dict[str, Any] | None:
    """Return the picture of how the scores of `cell` spread; None where there are none to show."""
    if cell.mean is None:
        return None
    named, counts = bands_of(cell.measure), cell.sum.bands
    total, parts, x = sum(counts), [], Fraction(0)
    for at, (label, count) in enumerate(zip(named, counts, strict=True)):
        width = Fraction(WIDTH * count, total)
        if count:
            parts.append(
                {
                    "label": label,
                    "count": count,
                    "x": display(x, 1),
                    "width": display(max(width - GAP, Fraction(1)), 1),
                    "middle": display(x + width / 2, 1),
                    "fill": _fill(at, len(named)),
                    "ink": WHITE if at * 2 > len(named) - 1 else INK,
                    "is_wide": width >= LEAST_FOR_COUNT,
                }
            )
        x += width
    return {"width": WIDTH, "height": HEIGHT, "parts": parts}


def mean_chart(cell: Cell) -> dict[str, Any] | None:
    """Return the picture of a mean as a bar, with a mark where the target is; None where there is none to show."""
    mean, target = cell.mean, cell.measure.target
    if mean is None:
        return None
    highest = cell.measure.levels[-1]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "bar": display(min(mean / highest, Fraction(1)) * WIDTH, 1),
        "target": None if target is None else display(target / highest * WIDTH, 1),
        "fill": _fill(1, 2),
        "ink": INK,
    }


# --- Round by round --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _At:
    """A round as the picture of months takes it."""

    day: date
    value: Fraction | None
    target: Fraction | None


def rounds_chart(trend: Sequence[tuple[Round, Cell]]) -> dict[str, Any] | None:
    """Return the picture of means round by round; None where there are fewer than two."""
    if sum(cell.mean is not None for _round, cell in trend) < 2:
        return None
    points = [_At(round_.ends_on, cell.mean, cell.measure.target) for round_, cell in trend]
    found = trend_chart(points)
    named = {round_.ends_on: str(round_) for round_, _cell in trend}
    if found is not None:
        for point in [*found["points"], *found["months"]]:
            point["name"] = named[point.get("day") or point["month"]]
    return found
