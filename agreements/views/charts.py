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
