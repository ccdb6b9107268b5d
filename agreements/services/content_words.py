"""The content of an agreement in words, thing by thing, and what one says otherwise than another.

Both the page on which it is signed and the refusal of a signature under what changed read it here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from agreements.models import Capacity, Competency, Result
from agreements.services import log
from agreements.services.comparison import Entry, label_of, written

Content: TypeAlias = Mapping[str, Any]
Words: TypeAlias = dict[str, tuple[str, str]]

PARTY: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "title": gettext_lazy("Position"),
    "position_type": gettext_lazy("Position type"),
    "level": gettext_lazy("Position level"),
    "number": gettext_lazy("Position number"),
    "unit": gettext_lazy("Unit"),
    "office": gettext_lazy("Office"),
    "province": gettext_lazy("Province"),
}
ROUND: dict[str, str | Promise] = {
    "fiscal_year": gettext_lazy("Fiscal year"),
    "number": gettext_lazy("Round"),
    "starts_on": gettext_lazy("From"),
    "ends_on": gettext_lazy("To"),
    "achievement_weight": gettext_lazy("Weight of achievement"),
    "competency_weight": gettext_lazy("Weight of competency"),
    "plan_below_level": gettext_lazy("Level below which a plan is due"),
    "grades": gettext_lazy("Grades"),
    "grades_on": gettext_lazy("grades apply to"),
}
PLAN: dict[str, str | Promise] = {
    "need": gettext_lazy("Competency, knowledge or skill to develop"),
    "method": gettext_lazy("How it is developed"),
    "period": gettext_lazy("Period"),
    "measure": gettext_lazy("How success is measured"),
}
SUMS: dict[str, str | Promise] = {
    "total": gettext_lazy("Achievement, total"),
    "achievement": gettext_lazy("Achievement out of 100"),
    "competency": gettext_lazy("Competency"),
    "final": gettext_lazy("Final"),
    "grade": gettext_lazy("Grade"),
    "colour": gettext_lazy("Colour"),
}
ORGANISATION: dict[str, str | Promise] = {
    "name": gettext_lazy("Organisation"),
    "province": gettext_lazy("Province"),
}
GROUP: dict[str, str | Promise] = {
    "title": gettext_lazy("Group of indicators"),
    "weight": gettext_lazy("Weight"),
}
INPUTS: dict[str, str | Promise] = {
    "value": gettext_lazy("Measured value"),
    "values": gettext_lazy("Measured values"),
    "level": gettext_lazy("Level reached"),
    "done": gettext_lazy("Steps and parts that are complete"),
    "cancelled": gettext_lazy("Cancelled, because"),
    "judged": gettext_lazy("Judged above"),
    "submitted_on": gettext_lazy("Date sent"),
    "late_items": gettext_lazy("Number of data types sent late"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that the content is about, with everything that is said of it: label and words by key."""

    about: str
    words: Words

    @property
    def entries(self) -> list[tuple[str, str]]:
        """What is said, as pairs of label and words."""
        return list(self.words.values())


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of which something is said otherwise."""

    about: str
    entries: tuple[Entry, ...]


def content_words(content: Content) -> dict[str, Told]:
    """Return everything that `content` says, by what it is about; what says nothing is left out."""
    told = {f"party {capacity}": Told(*party) for capacity, party in _parties(content)}
    if place := content.get("organisation"):
        told["organisation"] = Told(_("Organisation"), _keyed(place, ORGANISATION))
    for group in content.get("groups") or ():
        about = _("Group “%(title)s”") % {"title": group["title"]}
        indicators = {"items": (_("Indicators"), ", ".join(group["items"]))}
        told[f"group {group['code']}"] = Told(about, _keyed(group, GROUP) | indicators)
    told["round"] = Told(_("Round"), _keyed(content.get("round") or {}, ROUND))
    told |= {f"item {item['lineage']}": _item(content, item) for item in _flat(content.get("items") or ())}
    told |= {f"competency {row['order']}": _competency(row) for row in content.get("competencies") or ()}
    told |= {
        f"plan {at}": Told(_("Development plan, row %(number)s") % {"number": at}, _keyed(row, PLAN))
        for at, row in enumerate(content.get("plan") or (), start=1)
    }
    told["self"] = Told(_("Self score"), _keyed(content.get("self_scores") or {}, SUMS))
    told["scores"] = Told(_("Result of the assessment"), _keyed(content.get("scores") or {}, SUMS))
    if reason := content.get("full_score_reason"):
        told["full"] = Told(_("Reason for the full 100"), {"reason": (_("In words"), reason)})
    return {key: one for key, one in told.items() if one.words}


def content_changes(before: Content, after: Content) -> list[Change]:
    """Return everything that `after` says otherwise than `before`, in words; empty where they say the same."""
    # What is signed lies in the snapshot with its keys in order, a draft as it was typed: that is no difference.
    before, after = (json.loads(log.canonical(one)) for one in (before, after))
    if before == after:
        return []
    old, new = content_words(before), content_words(after)
    nothing = Told("", {})
    found = []
    for key in [*new, *(one for one in old if one not in new)]:
        one, other = old.get(key, nothing), new.get(key, nothing)
        if entries := tuple(_differing(one.words, other.words)):
            found.append(Change(other.about or one.about, entries))
    # The hashes differ: what has no words of its own (how a score came about) is not passed over in silence.
    return found or [Change(_("Content"), (Entry(_("How the scores came about"), "–", _("otherwise than before")),))]


def _differing(old: Words, new: Words) -> Iterator[Entry]:
    for key in [*new, *(one for one in old if one not in new)]:
        label = (new.get(key) or old[key])[0]
        before, after = (words[key][1] if key in words else "–" for words in (old, new))
        if before != after:
            yield Entry(label, before, after)


# --- What is said of each thing --------------------------------------------------------------------------------------
def _keyed(said: Content, labels: Mapping[str, str | Promise]) -> Words:
    return {key: (str(label), written(said[key])) for key, label in labels.items() if said.get(key) not in (None, "")}


def _parties(content: Content) -> Iterator[tuple[str, tuple[str, Words]]]:
    named = content.get("parties") or {}
    for capacity in Capacity:
        if capacity in named:
            yield capacity, (str(capacity.label), _keyed(named[capacity], PARTY))


def _competency(row: Content) -> Told:
    words = {
        "name": (_("Competency"), row["name"] or "–"),
        "kind": (_("Kind"), str(Competency.Kind(row["kind"]).label)),
        "expected": (_("Expected level"), str(row["expected"])),
    }
    if row["observed"] is not None:
        words["observed"] = (_("Observed level"), str(row["observed"]))
    if not row["name"]:
        return Told(_("Competency %(number)s") % {"number": row["order"]}, words)
    return Told(_("Competency %(number)s %(name)s") % {"number": row["order"], "name": row["name"]}, words)


def _flat(items: Iterable[Content]) -> Iterator[Content]:
    for item in items:
        yield item
        yield from _flat(item.get("children") or ())


def _item(content: Content, item: Content) -> Told:
    code = item["code"]
    words: Words = {
        "code": (_("No."), code),
        "title": (_("Indicator"), item["title"]),
        "goal": (_("Goal or expected achievement"), item["goal"] or "–"),
        "weight": (_("Weight"), item["weight"] or "–"),
    }
    words |= {f"definition {key}": (label_of(key), written(value)) for key, value in item["definition"].items()}
    words |= _result((content.get("results") or {}).get(code))
    for key, label in (("self_scores", _("Self score")), ("scores", _("Score"))):
        score = _scores(content, key).get(code)
        if score and score.get("score") is not None:
            words[key] = (label, score["score"])
    return Told(_("Indicator %(code)s %(title)s") % {"code": code, "title": item["title"]}, words)


def _scores(content: Content, key: str) -> dict[str, Content]:
    return {row["code"]: row for row in (content.get(key) or {}).get("indicators") or ()}


def _result(result: Content | None) -> Words:
    if result is None:
        return {}
    words = _inputs(result.get("reported") or {}, "reported", _("%(what)s, as reported"))
    if result.get("inputs") != result.get("reported"):
        words |= _inputs(result.get("inputs") or {}, "counts", _("%(what)s, as it counts"))
    if result.get("note"):
        words["note"] = (_("What was done"), result["note"])
    if result.get("evidence"):
        words["evidence"] = (_("Evidence"), "\n".join(_file(one) for one in result["evidence"]))
    if result.get("evidence_at_hand"):
        words["at hand"] = (_("Evidence at hand"), "\n".join(result["evidence_at_hand"]))
    if result.get("verdict"):
        words["verdict"] = (_("Assessment"), str(Result.Verdict(result["verdict"]).label))
    if result.get("reason"):
        words["reason"] = (_("Assessor's reason"), result["reason"])
    return words


def _inputs(inputs: Content, prefix: str, form: str) -> Words:
    return {
        f"{prefix} {name}": (form % {"what": INPUTS.get(name) or label_of(name)}, written(value))
        for name, value in inputs.items()
    }


def _file(one: Content) -> str:
    # The first digits of the file's own hash: another content under the same name is seen.
    note = "".join(f" · {one[key]}" for key in ("listed_as", "note") if one.get(key))
    return f"{one['name']}{note} ({one['sha256'][:12]})"
