"""What a signed assessment came to, read from the content that was signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from agreements.models import Agreement, Capacity, Outcome, Round, Signature, Stage, State, Version
from agreements.models.outcomes import RELEASED, kept
from agreements.services import content as contents, wholes
from scoring import INDIVIDUAL_GRADES
from scoring.numbers import exact

Content = Mapping[str, Any]
# How near a grade's edge is near: on the scale that the grades are set on, of the score as it is displayed.
NEAR = Fraction(5, 100)
CHUNK = 200


# --- Keeping ---------------------------------------------------------------------------------------------------------
def keep(signature: Signature) -> None:
    """Keep what an assessment came to that `signature` has completed; part of signing it."""
    versions = wholes.versions_of(signature.version.part.agreement)
    signed = [contents.signed_content(version, Stage.RESULT) for version in versions]
    whole = [content for content in signed if content is not None]
    if len(whole) < len(versions):
        return
    last = versions[-1]
    # A later assessment of an earlier part is another result: the committee looks at it anew.
    Version.objects.filter(pk=last.pk).exclude(screened_at=None).update(screened_by=None, screened_at=None)
    before = Outcome.objects.current().filter(agreement=last.part.agreement_id).first()
    if before is not None:
        Outcome.objects.filter(pk=before.pk).update(is_current=False)
    scores = wholes.merged(versions, whole) if len(versions) > 1 else None
    Outcome.objects.create(**_columns(last, signature, whole, scores), before=before)


def catch_up(round_: Round) -> None:
    """Keep the outcomes of what was assessed in `round_` before outcomes were kept; does nothing done twice."""
    lacking = Agreement.objects.filter(round=round_, state__in=[State.ASSESSED, *RELEASED], outcomes=None)
    keys = list(lacking.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        _catch_up(keys[start : start + CHUNK])


def _catch_up(keys: Iterable[int]) -> None:
    signed = Signature.objects.filter(version__part__agreement__in=keys, version__is_current=True)
    signed = signed.filter(stage=Stage.RESULT, capacity=Capacity.ASSESSOR).order_by("pk")
    # The last one completed the assessment of the whole.
    last = {one.version.part.agreement_id: one for one in signed.select_related("snapshot", "version__part__agreement")}
    alone = [one for one in last.values() if one.version.part.is_only]
    rows = (Outcome(**_columns(one.version, one, [contents.read_snapshot(one.snapshot)])) for one in alone)
    # Two who look at once both find them missing: the second row gives way.
    Outcome.objects.bulk_create(rows, ignore_conflicts=True)
    for one in last.values():
        agreement = one.version.part.agreement_id
        if not one.version.part.is_only and not Outcome.objects.filter(agreement=agreement).exists():
            keep(one)


def _columns(
    version: Version, signature: Signature, signed: Sequence[Content], whole: Content | None = None
) -> dict[str, Any]:
    """Return the columns of an outcome; `whole` has the merged scores of an agreement that was split."""
    content = signed[-1] if whole is None else {**signed[-1], "scores": whole, "self_scores": {}}
    graded = graded_score(content)
    return {
        "agreement_id": version.part.agreement_id,
        "version": version,
        "signature": signature,
        "graded": kept(graded),
        "achievement": kept(content["scores"]["achievement"]),
        "self_achievement": kept((content["self_scores"] or {}).get("achievement")),
        "grade": content["scores"]["grade"] or "",
        "is_near_edge": graded is not None and is_near_edge(exact(graded), edges_of(content["round"]["grades"])),
        "reasons_missing": sum(reasons_missing(one) for one in signed),
        "plans_missing": sum(plans_missing(one) for one in signed),
    }


# --- What a content says ---------------------------------------------------------------------------------------------
def edges_of(grades: Sequence[Content]) -> list[Fraction]:
    """Return the scores at which one grade becomes the next; from the lowest grade nobody falls."""
    bounds = [exact(grade["from"]) for grade in grades] or [grade.from_ for grade in INDIVIDUAL_GRADES.grades]
    return [bound for bound in bounds if bound > 0]


def is_near_edge(score: Fraction, edges: Sequence[Fraction]) -> bool:
    """Return whether `score`, as it is displayed, lies within 0.05 of one of `edges`, on either side."""
    return any(abs(score - edge) <= NEAR for edge in edges)


def graded_score(content: Content) -> str | None:
    """Return the score that the grade was given for, as displayed: out of 100, or the total."""
    scores = content["scores"]
    if "grades_on" in content["round"]:
        return None if scores["total"] is None else str(scores["total"])
    found = scores["final"] if scores["final"] is not None else scores["achievement"]
    return None if found is None else str(found)


def reasons_missing(content: Content) -> int:
    """Return for how many indicators the assessor's score is another than the assessee's without a reason in words."""
    own, parents = _scores(content.get("self_scores") or {}), _parents(content)
    return sum(
        code not in parents
        and score != own.get(code)
        and not (content["results"].get(code) or {}).get("reason", "").strip()
        for code, score in _scores(content["scores"]).items()
    )


PLAN = ("need", "method", "period", "measure")


def plans_missing(content: Content) -> int:
    """Return how many rows the development plan lacks; what is due is what `plans.plan_due` says.

    A row counts with need, method, period and measure.
    """
    if "organisation" in content:
        return 0
    level, parents = content["round"]["plan_below_level"], _parents(content)
    low = [
        code
        for code, score in _scores(content["scores"]).items()
        if code not in parents and score is not None and exact(score) < level
    ]
    gaps = [row for row in content["competencies"] if row["observed"] is not None and row["observed"] < row["expected"]]
    whole = [row for row in content["plan"] if all(str(row[name]).strip() for name in PLAN)]
    return max(len(low) + len(gaps) - len(whole), 0)


def _scores(scores: Content) -> dict[str, str | None]:
    """Return the score of each indicator that counts, by its code."""
    rows = scores.get("indicators") or ()
    return {row["code"]: row["score"] for row in rows if row["status"] not in ("cancelled", "unscored")}


def _parents(content: Content) -> set[str]:
    """Return the codes of the indicators that have sub-indicators, at any depth."""

    def below(item: Content) -> set[str]:
        under = {code for child in item["children"] for code in below(child)}
        return under | {item["code"]} if item["children"] else set()

    return {code for item in content["items"] for code in below(item)}
