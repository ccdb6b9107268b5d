"""What a sheet of a framework's workbook is: its columns, and how its headings are recognised."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from agreements import thai
from agreements.exchange.workbook.cells import AMOUNT, TEXT, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: the key path within the row's node (none: the node itself), its heading and how its cells read."""

    path: str
    title: str
    form: Form = TEXT
    width: int = 14
    listed: str = ""
    help: str = ""
    is_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet: its rows are entries of the list, or of the mapping (by `named`), at `path`; or one node there.

    `of_indicator` sheets begin with the code of the indicator. `kind` is that of the criteria they belong to.
    """

    key: str
    name: str
    columns: tuple[Column, ...]
    path: str = ""
    of_indicator: bool = True
    named: str = ""
    is_one_node: bool = False
    kind: str = ""
    has_levels: bool = False
    has_labels: bool = False
    says: str = ""
    titles: dict[str, Column] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        titles = {heading_key(name): column for column in self.columns for name in (column.title, column.path) if name}
        object.__setattr__(self, "titles", titles)

    def column_called(self, heading: str) -> Column | None:
        """Return the column under `heading`, its Thai title or its key in files."""
        known = self.titles.get(heading_key(heading))
        return known or (self._level_called(heading) if self.has_levels else None)

    def _level_called(self, heading: str) -> Column | None:
        found = _LEVEL_HEADING.fullmatch(thai.to_arabic_digits(thai.normalise(heading)))
        if found is None:
            return None
        level = int(found["level"])
        if found["label"]:
            return label_column(level) if self.has_labels else None
        return level_column(level)

    def with_levels(self, levels: Iterable[int], labels: Iterable[int]) -> "Sheet":
        """Return the sheet with a column for each of `levels`, and one for the words of each of `labels`."""
        if not self.has_levels:
            return self
        found = (*map(level_column, sorted(levels)), *map(label_column, sorted(labels) if self.has_labels else ()))
        place = 1 if self.is_one_node else 4
        return replace(self, columns=(*self.columns[:place], *found, *self.columns[place:]))


_LEVEL_HEADING = re.compile(r"(?P<label>คำอธิบาย ?)?ระดับ ?(?P<level>[0-9]{1,4})")


def heading_key(text: str) -> str:
    """Return what two spellings of one heading or sheet name have in common."""
    return re.sub(r"[\s_.()/-]+", "", thai.to_arabic_digits(thai.normalise(text)).casefold())


def level_column(level: int) -> Column:
    """Return the column of the figure that reaches `level`."""
    return Column(path=f"levels.{level}", title=f"ระดับ {level}", form=AMOUNT, width=10)


def label_column(level: int) -> Column:
    """Return the column of the words that the source prints at `level`."""
    return Column(path=f"labels.{level}", title=f"คำอธิบายระดับ {level}", width=20)
