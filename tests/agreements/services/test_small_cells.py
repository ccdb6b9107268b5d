import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from agreements.services import small_cells

# A tree by paths of one letter a level: r, with a and b below, and so on.
STEP = 1
ROOT = "r"


def hidden(own):
    return small_cells.withheld(own, ROOT, STEP)


def test_units_of_three_are_shown():
    assert hidden({"ra": 3, "rb": 4}) == set()


def test_a_small_unit_takes_the_next_smallest_with_it():
    assert hidden({"ra": 2, "rb": 3, "rc": 9}) == {"ra", "ra/", "rb", "rb/"}


def test_two_small_units_are_enough_together():
    assert hidden({"ra": 2, "rb": 2, "rc": 9}) == {"ra", "ra/", "rb", "rb/"}


def test_what_is_below_a_unit_that_is_kept_back_is_kept_back():
    assert hidden({"ra": 2, "rbx": 3, "rby": 3, "rc": 9}) == {"ra", "ra/", "rb", "rbx", "rbx/", "rby", "rby/"}


def test_what_a_unit_has_itself_is_a_part_like_others():
    assert hidden({"r": 1, "ra": 5}) == {"r/", "ra", "ra/"}


def test_too_few_altogether_show_nothing():
    assert hidden({"ra": 1, "rb": 1}) == {"r", "ra", "ra/", "rb", "rb/"}


def test_those_whom_the_reader_sees_hide_nothing():
    assert hidden({"ra": 0, "rb": 0}) == set()


def test_a_group_of_one_in_a_unit_is_shown_altogether_only():
    own = {"probation": {"ra": 1, "rb": 4}, "civil_servant": {"ra": 6, "rb": 5}}

    found = small_cells.withheld_by_group(own, ROOT, STEP)

    # A row and a column that hang together through others tell no single place; within the units they would.
    assert found == {group: {"ra", "ra/", "rb", "rb/"} for group in own}


def test_groups_with_enough_people_everywhere_are_split_everywhere():
    own = {"probation": {"ra": 3, "rb": 4}, "civil_servant": {"ra": 6, "rb": 5}}

    assert small_cells.withheld_by_group(own, ROOT, STEP) == {"probation": set(), "civil_servant": set()}


def test_a_group_of_one_altogether_takes_another_with_it():
    own = {"probation": {"ra": 1}, "civil_servant": {"ra": 6, "rb": 5}, "contract": {"rb": 7}}

    found = small_cells.withheld_by_group(own, ROOT, STEP)

    assert {group: "r" in cells for group, cells in found.items()} == {
        "probation": True, "civil_servant": False, "contract": True,
    }  # fmt: skip


# --- Nobody reckons a single person's score ---------------------------------------------------------------------------
def reckoned(equations, people):
    """Return the sets of people, fewer than three, whose sum follows from the sums shown (all sums are of sets)."""
    known = {frozenset(one) for one in equations}
    while True:
        new = {one - other for one, other in itertools.permutations(known, 2) if other < one}
        new |= {one | other for one, other in itertools.combinations(known, 2) if not one & other}
        if new <= known:
            return [one for one in known if 0 < len(one) < small_cells.LEAST]
        known |= new


PLACES = ["r", "ra", "rb", "rax", "ray"]
OWN = st.dictionaries(st.sampled_from(PLACES), st.integers(0, 4), min_size=1)


@settings(max_examples=150, deadline=None)
@given(own=OWN)
def test_no_sums_shown_tell_the_sum_of_fewer_than_three(own):
    assert reckoned(shown(own, hidden(own)), own) == []


def test_without_keeping_back_the_sum_of_one_is_told():
    own = {"ra": 1, "rb": 4}

    assert reckoned(shown(own, set()), own) != []


def test_without_the_next_smallest_the_sum_of_one_is_told():
    own = {"ra": 1, "rb": 4}

    assert reckoned(shown(own, {"ra", "ra/"}), own) != []


def shown(own, withheld):
    everybody = [(path, number) for path, count in own.items() for number in range(count)]
    found = []
    for cell in small_cells.cells_of(own, ROOT, STEP):
        if cell not in withheld:
            within = {one for one in everybody if one[0] + "/" == cell or one[0].startswith(cell)}
            found.append(within)
    return [one for one in found if one]


TREES = (["r", "ra", "rb"], ["ra", "rb", "rc"], ["r", "rax", "ray", "rb"], ["ra", "rb", "rc", "rd"])


@pytest.mark.parametrize("seed", range(200))
def test_groups_and_units_together_tell_nothing_either(seed):
    drawn = random.Random(seed)
    groups, places = ["a", "b", "c"][: drawn.randint(1, 3)], drawn.choice(TREES)
    own = {group: {place: drawn.choice([0, 1, 3, 4, 6]) for place in places} for group in groups}
    found = small_cells.withheld_by_group(own, ROOT, STEP)
    whole = {place: sum(own[group][place] for group in groups) for place in places}
    over_all = small_cells.withheld(whole, ROOT, STEP)

    sums = []
    for cell in small_cells.cells_of(whole, ROOT, STEP):
        within = [place for place in places if place + "/" == cell or place.startswith(cell)]
        rows = {group: {(group, at, n) for at in within for n in range(own[group][at])} for group in groups}
        if cell not in over_all:
            sums.append(set().union(*rows.values()))
        sums += [rows[group] for group in groups if cell not in found[group]]

    assert tells(sums) == []


def test_groups_without_keeping_back_tell_the_sum_of_one():
    civil, probation = {("c", n) for n in range(4)}, {("p", 0)}

    assert tells([civil | probation, civil]) != []


def tells(sums):
    """Return the cells of fewer than three whose sum is fixed by the sums shown: by linear algebra, exactly."""
    # People who are in the same sums cannot be told apart: they count as one unknown.
    everybody = sorted(set().union(*sums)) if sums else []
    kinds = {}
    for one in everybody:
        kinds.setdefault(tuple(one in total for total in sums), []).append(one)
    columns = list(kinds)
    rows = [[Fraction(column[at]) for column in columns] for at in range(len(sums))]
    found = []
    for size in (1, 2):
        for chosen in itertools.combinations(range(len(columns)), size):
            people = sum(len(kinds[columns[at]]) for at in chosen)
            target = [Fraction(at in chosen) for at in range(len(columns))]
            if people < small_cells.LEAST and _rank([*rows, target]) == _rank(rows):
                found.append(chosen)
    return found


def _rank(rows):
    rows, rank = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((at for at in range(rank, len(rows)) if rows[at][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for at in range(rank + 1, len(rows)):
            share = rows[at][column] / rows[rank][column]
            rows[at] = [mine - share * theirs for mine, theirs in zip(rows[at], rows[rank], strict=True)]
        rank += 1
    return rank
