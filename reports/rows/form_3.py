"""ปผ.3: the competencies with the levels expected and found, and the ×3 ×2 ×1 ×0 table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from reports.rows.form_2 import SigningRow, signing_rows
from reports.rows.results import Scores
from reports.rows.signatures import SignatureBook
from reports.rows.words import Content, text

KINDS = {"core": "สมรรถนะหลัก", "line": "สมรรถนะประจำสายงาน"}
POINTS = (
    ("3", "สูงกว่าหรือเท่ากับระดับของสมรรถนะที่คาดหวัง ให้คูณด้วย 3"),
    ("2", "ต่ำกว่าระดับของสมรรถนะที่คาดหวัง 1 ระดับ ให้คูณด้วย 2"),
    ("1", "ต่ำกว่าระดับของสมรรถนะที่คาดหวัง 2 ระดับ ให้คูณด้วย 1"),
    ("0", "ต่ำกว่าระดับของสมรรถนะที่คาดหวัง 3 ระดับ ให้คูณด้วย 0"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyRow:
    """A competency with its levels; `group` and `group_size` on the first of its kind."""

    order: str
    name: str
    expected: str
    observed: str
    difference: str
    group: str = ""
    group_size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRow:
    """A row of the ×3 ×2 ×1 ×0 table."""

    rule: str
    count: str
    points: str
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form3:
    """ปผ.3 of one version."""

    rows: tuple[CompetencyRow, ...]
    points: tuple[PointRow, ...]
    points_sum: str
    competency: str
    signing: tuple[SigningRow, ...]


def form_3(content: Content, book: SignatureBook) -> Form3:
    """Return what ปผ.3 says."""
    scores = Scores.of(content)
    points = _points(scores.document.get("competency_counts") or {})
    return Form3(
        rows=tuple(_rows(content["competencies"])),
        points=points,
        points_sum=str(sum(int(row.product) for row in points)) if all(row.product for row in points) else "",
        competency=scores.figure("competency"),
        signing=signing_rows(book),
    )


def _rows(competencies: Sequence[Content]) -> list[CompetencyRow]:
    rows = []
    for kind, found in groupby(competencies, key=lambda one: one["kind"]):
        group = list(found)
        for place, one in enumerate(group):
            rows.append(
                CompetencyRow(
                    order=text(one["order"]),
                    name=text(one.get("name")),
                    expected=text(one.get("expected")),
                    observed=text(one.get("observed")),
                    difference=_difference(one),
                    group=KINDS.get(kind, kind) if place == 0 else "",
                    group_size=len(group) if place == 0 else 0,
                )
            )
    return rows


def _difference(one: Content) -> str:
    if one.get("observed") is None:
        return ""
    gap = int(one["observed"]) - int(one["expected"])
    return f"+{gap}" if gap > 0 else str(gap)


def _points(counts: Mapping[str, str]) -> tuple[PointRow, ...]:
    """Return the table, filled in where every competency was observed."""
    return tuple(
        PointRow(
            rule=rule,
            count=counts.get(points, ""),
            points=points,
            product=str(int(points) * int(counts[points])) if points in counts else "",
        )
        for points, rule in POINTS
    )
