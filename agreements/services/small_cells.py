"""Which figures of a tree of units are kept back, so that nobody reckons one person's result from averages. Pure.

A cell is a unit with all below it, or what a unit has itself. It is kept back where fewer than `LEAST` people stand in
it whose results the reader may not see anyway, and where what is left of the sum above it would tell as much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

#: An average of two tells each of the two the score of the other.
LEAST = 3
#: After the path of a unit: what it has itself, without the units below it. No path holds it.
OWN = "/"

#: People by cell.
Counts = Mapping[str, int]
Tree = dict[str, list[str]]


def cells_of(own: Counts, root: str, step: int) -> dict[str, int]:
    """Return the people of every cell at or below `root`, from those that each unit has itself, by path."""
    found: dict[str, int] = defaultdict(int)
    for path, people in own.items():
        found[path + OWN] += people
        for length in range(len(root), len(path) + 1, step):
            found[path[:length]] += people
    return found


def withheld(own: Counts, root: str, step: int) -> set[str]:
    """Return the cells that are kept back; `own` are the people unseen that each unit has itself, by path."""
    cells = cells_of(own, root, step)
    if 0 < cells.get(root, 0) < LEAST:
        return set(cells)
    hidden: set[str] = set()
    for cell, parts in _tree(cells, step).items():
        hidden |= set(parts) if cell in hidden else _line(parts, cells, hidden)
    return hidden


def withheld_by_group(own: Mapping[str, Counts], root: str, step: int) -> dict[str, set[str]]:
    """Return the cells that are kept back of each group, where the whole of each cell is shown as `withheld` says.

    Units are rows and groups are columns; the sums of both are known. What few people have where a row and a column
    meet cannot be reckoned if row and column hang together through places where enough people are. Groups that do not
    are taken together and not shown; a cell is split into groups only where that holds within it, too.
    """
    everybody: dict[str, int] = defaultdict(int)
    for counts in own.values():
        for path, people in counts.items():
            everybody[path] += people
    cells = cells_of(everybody, root, step)
    tree, whole = _tree(cells, step), withheld(everybody, root, step)
    row_of = {path: _row_of(path, root, step, whole) for path in everybody}
    table: dict[Place, int] = defaultdict(int)
    for group, counts in own.items():
        for path, people in counts.items():
            table[row_of[path], group] += people
    shown = set() if root in whole else _shown_groups(table)
    split = _split_cells(tree, root, whole, row_of, _columns(table, shown)) if shown else set()
    return {group: set(cells) - split if group in shown else set(cells) for group in own}


#: Where a row and a column meet.
Place = tuple[str, str]
#: The column of the groups that are not shown.
OTHERS = ""


def _row_of(path: str, root: str, step: int, whole: set[str]) -> str:
    """Return the row in which the people of a unit stand: of what is kept back, all below the same unit make one."""
    line = [path[:length] for length in range(len(root), len(path) + 1, step)] + [path + OWN]
    first = next((at for at, cell in enumerate(line) if cell in whole), None)
    return line[-1] if first is None else f"{line[first - 1] if first else root}?"


def _shown_groups(table: Mapping[Place, int]) -> set[str]:
    sizes: dict[str, int] = defaultdict(int)
    for (_row, group), people in table.items():
        sizes[group] += people
    shown = {group for group, people in sizes.items() if people}
    while shown and (bad := _unlinked(_columns(table, shown))):
        shown -= (bad & shown) or {min(shown, key=lambda group: (sizes[group], group))}
    return shown


def _columns(table: Mapping[Place, int], shown: set[str]) -> dict[Place, int]:
    """Return the table with all groups but those shown in one column."""
    found: dict[Place, int] = defaultdict(int)
    for (row, group), people in table.items():
        found[row, group if group in shown else OTHERS] += people
    return found


def _unlinked(table: Mapping[Place, int]) -> set[str]:
    """Return the columns that hold few people in a row with which they do not hang together otherwise."""
    above: dict[str, str] = {}

    def top(one: str) -> str:
        while above.get(one, one) != one:
            one = above[one]
        return one

    for (row, column), people in table.items():
        if people >= LEAST:
            above[top(f"row {row}")] = top(f"column {column}")
    few = [place for place, people in table.items() if 0 < people < LEAST]
    return {column for row, column in few if top(f"row {row}") != top(f"column {column}")}


def _split_cells(
    tree: Tree, root: str, whole: set[str], row_of: Mapping[str, str], table: Mapping[Place, int]
) -> set[str]:
    """Return the cells that can be split into groups, `root` always among them."""
    split, left = {root}, dict[str, set[str]]()
    for cell in reversed(tree):
        if cell in whole:
            continue
        rows = {f"{cell}?"} if any(part in whole for part in tree[cell]) else set()
        for part in tree[cell]:
            if part.endswith(OWN) and part not in whole:
                left[part] = {row_of[part.removesuffix(OWN)]}
                _take(part, left, split, table)
            rows |= left.get(part, set())
        left[cell] = rows
        if cell != root:
            _take(cell, left, split, table)
    return split if not _unlinked(_of_rows(table, left[root])) else {root}


def _take(cell: str, left: dict[str, set[str]], split: set[str], table: Mapping[Place, int]) -> None:
    """Split `cell` into groups, if what is left of it hangs together."""
    if not _unlinked(_of_rows(table, left[cell])):
        split.add(cell)
        left[cell] = set()


def _of_rows(table: Mapping[Place, int], rows: set[str]) -> dict[Place, int]:
    return {place: people for place, people in table.items() if place[0] in rows}


def _tree(cells: Iterable[str], step: int) -> Tree:
    """Return the parts of each cell, from the top down."""
    found: Tree = {cell: [] for cell in sorted(cells, key=lambda cell: (len(cell), cell)) if not cell.endswith(OWN)}
    for cell in cells:
        above = cell.removesuffix(OWN) if cell.endswith(OWN) else cell[:-step]
        if above in found:
            found[above].append(cell)
    return found


def _line(cells: Sequence[str], counts: Counts, hidden: set[str]) -> set[str]:
    """Return what is kept back of cells that add up to one that is shown: the smallest next, until it is enough."""
    live = [cell for cell in cells if counts.get(cell, 0) > 0]
    held = {cell for cell in live if cell in hidden or counts[cell] < LEAST}
    left = sorted((cell for cell in live if cell not in held), key=lambda cell: (counts[cell], cell))
    while held and not _is_enough(held, counts) and left:
        held.add(left.pop(0))
    return held


def _is_enough(held: set[str], counts: Counts) -> bool:
    return len(held) > 1 and sum(counts[cell] for cell in held) >= LEAST
