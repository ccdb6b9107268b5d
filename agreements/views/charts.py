"""Where things stand in a chart: exact values into the coordinates of a picture, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scoring import display, plain
from scoring.curve import Curve

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 16, 40


@dataclass(frozen=True, slots=True)
class Frame:
    """A chart's plane: values from `low` to `high` across, scores from 0 to `top` upwards."""

    low: Fraction
    high: Fraction
    top: int

    def x(self, value: Fraction) -> str:
        """Return how far right `value` stands."""
        return display(LEFT + (value - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, score: Fraction) -> str:
        """Return how far down `score` stands."""
        return display(HEIGHT - BOTTOM - score / self.top * (HEIGHT - TOP - BOTTOM), 1)


def curve_chart(
    curve: Curve, *, highest: int, lowest: int, value: Fraction | None, score: Fraction | None
) -> dict[str, Any]:
    """Return the picture of a curve with its agreed levels, and the point that was asked about."""
    frame = Frame(curve.lowest, curve.highest, highest)
    point = None
    if value is not None and score is not None:
        point = {"x": frame.x(value), "y": frame.y(score), "value": plain(value), "score": display(score, 4)}
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "bottom": HEIGHT - BOTTOM,
        "top": TOP,
        "line": " ".join(f"{frame.x(at)},{frame.y(scored)}" for at, scored in curve.corners),
        "scores": [{"score": at, "y": frame.y(Fraction(at))} for at in _marks(lowest, highest)],
        "levels": [
            {"level": level, "value": plain(at), "x": frame.x(at), "y": frame.y(Fraction(level))}
            for level, at in curve.levels
        ],
        "point": point,
        "low": plain(curve.lowest),
        "high": plain(curve.highest),
    }


def _marks(lowest: int, highest: int) -> Sequence[int]:
    return range(highest + 1) if highest <= 10 else (0, lowest, highest)


# --- Values month by month -------------------------------------------------------------------------------------------
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 96, 28, 4


def trend_chart(months: Sequence[Any]) -> dict[str, Any] | None:
    """Return the picture of values with their targets, a step across each month; None where there is no value."""
    known = [month.value for month in months if month.value is not None]
    if not known:
        return None
    aims = [month.target for month in months if month.target is not None]
    low, high = min([Fraction(0), *known, *aims]), max([*known, *aims, Fraction(0)])
    plane = _Plane(low, high if high > low else low + 1, len(months))
    points = [
        {"x": plane.x(at), "y": plane.y(month.value), "month": month.day, "value": month.value}
        for at, month in enumerate(months)
        if month.value is not None
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT + RIGHT,
        "right": WIDTH - RIGHT,
        "bottom": HEIGHT - BOTTOM,
        "lines": _lines(
            [
                (plane.x(at), plane.y(month.value)) if month.value is not None else None
                for at, month in enumerate(months)
            ]
        ),
        "aims": _lines(
            [
                (plane.x(at), plane.y(month.target)) if month.target is not None else None
                for at, month in enumerate(months)
            ]
        ),
        "points": points,
        "places": 0 if plane.high >= 10 else 2,
        "marks": [{"value": at, "y": plane.y(at)} for at in (plane.low, (plane.low + plane.high) / 2, plane.high)],
        "months": [{"x": plane.x(at), "day": month.day} for at, month in enumerate(months) if _is_named(at, months)],
    }


def spark_chart(values: Sequence[Fraction | None]) -> dict[str, Any] | None:
    """Return the picture of values in the size of a line of text; None where there are fewer than two."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    # From the first value on: what lies before it has no trend.
    begun = next(at for at, value in enumerate(values) if value is not None)
    values, low, high = values[begun:], min(known), max(known)
    reach, step = high - low or Fraction(1), Fraction(SPARK_WIDTH - 2 * SPARK_EDGE, max(len(values) - 1, 1))
    spots = [
        (
            display(SPARK_EDGE + step * at, 1),
            display(SPARK_HEIGHT - SPARK_EDGE - (value - low) / reach * (SPARK_HEIGHT - 2 * SPARK_EDGE), 1),
        )
        for at, value in enumerate(values)
        if value is not None
    ]
    return {
        "width": SPARK_WIDTH,
        "height": SPARK_HEIGHT,
        "line": " ".join(f"{x},{y}" for x, y in spots),
        "last": {"x": spots[-1][0], "y": spots[-1][1]},
        "first_value": known[0],
        "last_value": known[-1],
    }


@dataclass(frozen=True, slots=True)
class _Plane:
    """Months across, values from `low` to `high` upwards."""

    low: Fraction
    high: Fraction
    months: int

    def x(self, at: int) -> str:
        width = WIDTH - LEFT - 3 * RIGHT
        return display(LEFT + 2 * RIGHT + Fraction(width * at, max(self.months - 1, 1)), 1)

    def y(self, value: Fraction) -> str:
        return display(HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM), 1)


def _lines(spots: Sequence[tuple[str, str] | None]) -> list[str]:
    """Return the points of one line for each run of months without a gap."""
    runs: list[list[str]] = [[]]
    for spot in spots:
        if spot is None:
            runs.append([])
        else:
            runs[-1].append(f"{spot[0]},{spot[1]}")
    return [" ".join(run) for run in runs if len(run) > 1]


def _is_named(at: int, months: Sequence[Any]) -> bool:
    """Return whether a month is named below the chart: all of up to 12, else every third from the last back."""
    return len(months) <= 12 or (len(months) - 1 - at) % 3 == 0
