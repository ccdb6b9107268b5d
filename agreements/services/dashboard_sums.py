"""What the released results of rounds add up to, by unit and indicator: one statement, however many agreements.

Scores are kept with four places, as they were signed (`Result.outcome`); here they are summed as whole numbers of
ten-thousandths, so that both databases add them exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import connection

from agreements.models import Agreement, Result, State, User
from agreements.models.organisations import next_path

#: The states in which a result has been released.
TOLD: Sequence[str] = [State.RELEASED, State.ACKNOWLEDGED, State.REVIEWED, State.CLOSED]
#: What a score is kept with.
PLACES = 10_000
#: How each database reads a text out of JSON.
TEXT = {"sqlite": "json_extract({column}, '$.{key}')", "postgresql": "({column} ->> '{key}')"}

# One row an agreement and indicator; of an agreement that was split, what its last part found.
SCORES = """
    SELECT agreement.round_id AS round_id, agreement.id AS agreement_id, place.path AS path,
           item.indicator_id AS indicator_id, {group} AS personnel_group,
           seen.id AS seen_id, {status} AS status,
           CAST(REPLACE({score}, '.', '') AS INTEGER) AS points
      FROM agreements_agreement AS agreement
      JOIN agreements_organisation AS place ON place.id = agreement.organisation_id
      JOIN agreements_part AS part ON part.agreement_id = agreement.id AND part.is_last
      JOIN agreements_version AS version ON version.part_id = part.id AND version.is_current
      JOIN agreements_item AS item ON item.version_id = version.id
      JOIN agreements_indicator AS indicator ON indicator.id = item.indicator_id
      JOIN agreements_result AS result ON result.part_id = part.id AND result.lineage = item.lineage
       AND result.checkpoint = %s
{party} LEFT JOIN ({seen}) AS seen ON seen.id = agreement.id
     WHERE agreement.round_id IN ({rounds}) AND indicator.framework_id IN ({frameworks})
       AND place.path >= %s AND place.path < %s
       AND (agreement.state IN ({told}) OR agreement.ended_from IN ({told}))
       AND {status} IN ('scored', 'not_reported') AND {score} IS NOT NULL
"""
SUMS = """
    SELECT round_id, path, indicator_id, personnel_group,
           COUNT(DISTINCT CASE WHEN seen_id IS NULL THEN agreement_id END),
           COUNT(*), SUM(points), SUM(CASE WHEN status = 'not_reported' THEN 1 ELSE 0 END), {bands}
      FROM ({scores}) AS scores
  GROUP BY round_id, path, indicator_id, personnel_group
"""
# Asked only where groups are told apart.
PARTY = """ LEFT JOIN agreements_party AS party ON party.version_id = version.id AND party.capacity = 'assessee'
"""


@dataclass(slots=True)
class Sum:
    """What results add up to."""

    # People, or offices, whose agreements the reader may not open.
    unseen: int = 0
    results: int = 0
    points: int = 0
    not_reported: int = 0
    # How many results lie below the lowest level, from each level to the next, and at the highest.
    bands: tuple[int, ...] = ()

    @property
    def mean(self) -> Fraction | None:
        """The mean of the scores, exact."""
        return Fraction(self.points, self.results * PLACES) if self.results else None

    def add(self, other: Sum) -> None:
        """Take `other` in."""
        self.unseen += other.unseen
        self.results += other.results
        self.points += other.points
        self.not_reported += other.not_reported
        pairs = zip(self.bands or (0,) * len(other.bands), other.bands, strict=True)
        self.bands = tuple(mine + theirs for mine, theirs in pairs)


class Row(NamedTuple):
    """What the results of one indicator add up to in one unit, without those below it."""

    round: int
    path: str
    indicator: int
    group: str
    sum: Sum


def read(
    rounds: Sequence[int],
    frameworks: Sequence[int],
    root: str,
    *,
    levels: Sequence[int],
    by: User,
    by_group: bool,
) -> list[Row]:
    """Return the sums of `rounds` at and below the path `root`, for the indicators of `frameworks`.

    `levels` are those of the scale, rising; `by` is who reads; groups of personnel are told apart where `by_group`.
    """
    if not rounds or not frameworks:
        return []
    statement, given = _statement(rounds, frameworks, root, levels=levels, by=by, by_group=by_group)
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [_row(found) for found in cursor.fetchall()]


def _statement(
    rounds: Sequence[int],
    frameworks: Sequence[int],
    root: str,
    *,
    levels: Sequence[int],
    by: User,
    by_group: bool,
) -> tuple[str, list[Any]]:
    seen, of_seen = Agreement.objects.visible_to(by).order_by().values("id").query.sql_with_params()
    status, score = (TEXT[connection.vendor].format(column="result.outcome", key=key) for key in ("status", "score"))
    scores = SCORES.format(
        seen=seen,
        rounds=_marks(rounds),
        frameworks=_marks(frameworks),
        told=_marks(TOLD),
        status=status,
        score=score,
        group="COALESCE(party.personnel_group, '')" if by_group else "''",
        party=PARTY if by_group else "",
    )
    bounds = [0, *(level * PLACES for level in levels)]
    bands = [f"SUM(CASE WHEN points >= {low} AND points < {high} THEN 1 ELSE 0 END)" for low, high in pairwise(bounds)]
    bands.append(f"SUM(CASE WHEN points >= {bounds[-1]} THEN 1 ELSE 0 END)")
    statement = SUMS.format(scores=scores, bands=", ".join(bands))
    given = [Result.Checkpoint.FINAL, *of_seen, *rounds, *frameworks, root, next_path(root), *TOLD, *TOLD]
    return statement, given


def _marks(given: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(given))


def _row(found: Sequence[Any]) -> Row:
    round_, path, indicator, group, unseen, results, points, not_reported, *bands = found
    total = Sum(unseen, results, int(points), not_reported, tuple(bands))
    return Row(round_, path, indicator, group, total)
