"""What one framework document says otherwise than another, in the words of the workbook's headings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agreements.exchange.workbook.spreading import facts_of, head_facts_of, walk


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is said otherwise than before."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An indicator that both documents have, with what is said otherwise."""

    code: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What a document changes: the framework's own facts, and indicators that are new, changed, gone or the same."""

    head: tuple[Entry, ...]
    new: tuple[Mapping[str, Any], ...]
    changed: tuple[Changed, ...]
    gone: tuple[Mapping[str, Any], ...]
    unchanged: int
    is_reordered: bool

    @property
    def is_empty(self) -> bool:
        """Whether the documents say the same."""
        return not (self.head or self.new or self.changed or self.gone or self.is_reordered)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """Return what the canonical document `after` says otherwise than `before` ({} where there is none yet)."""
    old = {entry["code"]: (entry, parent) for entry, parent in walk(before)}
    now = {entry["code"]: (entry, parent) for entry, parent in walk(after)}
    both = [code for code in now if code in old]
    # Comparing the nodes first spares the words of all that is the same.
    changed = [_changed(code, old[code], now[code]) for code in both if _own(*old[code]) != _own(*now[code])]
    return Differences(
        head=_entries(head_facts_of(before), head_facts_of(after)) if before else (),
        new=tuple(entry for code, (entry, _parent) in now.items() if code not in old),
        changed=tuple(changed),
        gone=tuple(entry for code, (entry, _parent) in old.items() if code not in now),
        unchanged=len(both) - len(changed),
        is_reordered=both != [code for code in old if code in now],
    )


def _own(entry: Mapping[str, Any], parent: str) -> tuple[dict[str, Any], bool, str]:
    own = {key: value for key, value in entry.items() if key != "children"}
    return own, "children" in entry, parent


def _changed(code: str, old: tuple[Mapping[str, Any], str], now: tuple[Mapping[str, Any], str]) -> Changed:
    return Changed(code, now[0]["title"], _entries(facts_of(*old), facts_of(*now)))


def _entries(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> tuple[Entry, ...]:
    pairs = zip(before, after, strict=True)
    return tuple(Entry(label, old, new) for (label, old), (_same, new) in pairs if old != new)
