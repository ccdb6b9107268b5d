"""Counts as bars: how long each is, drawn on the server; the same figures stand in a table beside."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from scoring import display

WIDTH, ROW, BAR, LABEL = 360, 44, 14, 18
STRIP_WIDTH, STRIP_HEIGHT = 200, 16
# So many shades tell the parts of a strip apart in grey as well; the last one serves all further parts.
SHADES = 6


def bar_chart(counts: Sequence[tuple[Any, int]]) -> dict[str, Any]:
    """Return the picture of labelled counts, a bar each with its label above, the longest as wide as the picture."""
    most = max((count for _label, count in counts), default=0) or 1
    every = sum(count for _label, count in counts)
    return {
        "width": WIDTH,
        "height": ROW * len(counts),
        "bar": BAR,
        "bars": [
            {
                "label": label,
                "count": count,
                "share": share_of(count, every),
                "text_y": ROW * place + LABEL - 4,
                "y": ROW * place + LABEL + 4,
                "width": display(Fraction(count * WIDTH, most), 1),
            }
            for place, (label, count) in enumerate(counts)
        ],
    }


def share_of(count: int, every: int) -> str:
    """Return how many per cent of all `count` is, to one place; empty where there is nothing."""
    return display(Fraction(count * 100, every), 1) if every else ""


def strip_chart(counts: Sequence[tuple[Any, int]]) -> dict[str, Any] | None:
    """Return the picture of counts as parts of one bar, in their order; None where there is nothing."""
    every = sum(count for _label, count in counts)
    if not every:
        return None
    parts, before = [], 0
    for place, (label, count) in enumerate(counts):
        if count:
            x, width = Fraction(before * STRIP_WIDTH, every), Fraction(count * STRIP_WIDTH, every)
            shade = min(place, SHADES - 1)
            parts.append(
                {"label": label, "count": count, "x": display(x, 1), "width": display(width, 1), "shade": shade}
            )
        before += count
    return {"width": STRIP_WIDTH, "height": STRIP_HEIGHT, "parts": parts}
