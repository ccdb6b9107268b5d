"""Criteria as the forms print them: five cells in ปผ.2, a table of its own on the KPI sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from reports.rows.words import Content, text
from scoring.numbers import NotExact, exact, plain

LEVELS = ("1", "2", "3", "4", "5")
NO_LEVEL = "-"
#: What fits in a cell of ปผ.2, and in the five of them together, without growing the row beyond its title.
SHORT, SHORT_TOGETHER = 16, 200
TALL_STEP = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """A class of the base number with its thresholds."""

    code: str
    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCells:
    """The criteria of one row of ปผ.2: a cell a level, or one text across them."""

    cells: tuple[str, ...] = ()
    across: str = ""
    classes: tuple[ClassRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A milestone: its level and what is to be done."""

    level: str
    lines: tuple[str, ...]

    @property
    def is_tall(self) -> bool:
        """Whether the row may be higher than a page, and so has to break inside."""
        return sum(map(len, self.lines)) > TALL_STEP


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaTable:
    """The criteria of a KPI sheet; `kind` says which of the tables is set."""

    kind: str
    even_step: str = ""
    levels: tuple[str, ...] = LEVELS
    cells: tuple[str, ...] = ()
    sentences: tuple[tuple[str, str], ...] = ()
    steps: tuple[StepRow, ...] = ()
    triangle: tuple[tuple[str, tuple[bool, ...]], ...] = ()
    faults: tuple[str, ...] = ()
    classes: tuple[ClassRow, ...] = ()
    base: str = ""


def levels_of(content: Content) -> tuple[str, ...]:
    """Return the levels of the scale that `content` is scored on."""
    return tuple(map(str, content.get("scale") or LEVELS))


def level_cells(definition: Content, levels: Sequence[str] = LEVELS) -> LevelCells:
    """Return the criteria of a row of ปผ.2."""
    criteria = definition.get("criteria") or {}
    kind = criteria.get("kind")
    if kind == "classed":
        return LevelCells(across="เกณฑ์แยกตามกลุ่ม ดังนี้", classes=_classes(criteria, levels))
    if kind == "milestones":
        reached = {str(one["level"]) for one in criteria.get("steps", ())}
        return LevelCells(cells=tuple(f"ขั้นตอนที่ {one}" if one in reached else NO_LEVEL for one in levels))
    if kind == "rubric":
        return _rubric_cells(_level_texts(criteria), levels)
    if kind in {"thresholds", "bands", "open"}:
        return LevelCells(cells=_value_cells(criteria, levels))
    return LevelCells(cells=tuple(NO_LEVEL for _ in levels))


def _value_cells(criteria: Content, levels: Sequence[str]) -> tuple[str, ...]:
    """Return a short label or the figure of each level; dots to fill in where the criteria are open."""
    figures = _level_texts(criteria)
    labels = {str(level): text(label) for level, label in (criteria.get("labels") or {}).items()}
    missing = "…" if criteria.get("kind") == "open" else NO_LEVEL
    short = {level: label for level, label in labels.items() if len(label) <= SHORT}
    return tuple(short.get(level) or figures.get(level) or missing for level in levels)


def _rubric_cells(texts: Mapping[str, str], levels: Sequence[str]) -> LevelCells:
    if all(len(one) <= SHORT for one in texts.values()):
        return LevelCells(cells=tuple(texts.get(level, NO_LEVEL) for level in levels))
    together = "; ".join(f"{level} = {texts[level]}" for level in levels if level in texts)
    if len(together) <= SHORT_TOGETHER:
        return LevelCells(across=together)
    # Sentences stand on the KPI sheet in full; cut short, they would be other criteria than those agreed.
    return LevelCells(cells=tuple(f"ระดับ {level}" if level in texts else NO_LEVEL for level in levels))


def _level_texts(criteria: Content) -> dict[str, str]:
    """Return what each described level says: a threshold, the label of a band, a sentence."""
    texts = {}
    for level, value in (criteria.get("levels") or {}).items():
        if isinstance(value, Mapping):
            texts[str(level)] = value.get("label") or f"ไม่เกิน {text(value.get('up_to'))}"
        else:
            texts[str(level)] = text(value)
    return texts


def _classes(criteria: Content, levels: Sequence[str]) -> tuple[ClassRow, ...]:
    rows = []
    for one in criteria.get("classes", ()):
        figures = {str(level): text(value) for level, value in one.get("levels", {}).items()}
        label = one.get("label") or (f"ไม่เกิน {one['up_to']}" if "up_to" in one else "มากกว่านั้น")
        cells = tuple(figures.get(level, NO_LEVEL) for level in levels)
        rows.append(ClassRow(code=str(one["code"]), label=label, cells=cells))
    return tuple(rows)


# --- The KPI sheet ---------------------------------------------------------------------------------------------------
def criteria_table(definition: Content, levels: Sequence[str] = LEVELS) -> CriteriaTable:
    """Return the criteria of a KPI sheet."""
    criteria = definition.get("criteria") or {}
    kind = criteria.get("kind", "")
    if kind == "milestones":
        return _milestones(criteria)
    if kind == "classed":
        base = criteria.get("base") or {}
        variables = (definition.get("measure") or {}).get("variables") or {}
        named = base.get("label") or variables.get(base.get("variable"), {}).get("label", "")
        table = _classes(criteria, levels)
        return CriteriaTable(kind="classes", levels=tuple(levels), classes=table, base=named)
    if kind == "thresholds":
        return _thresholds(definition, criteria, levels)
    if kind in {"bands", "open"}:
        return CriteriaTable(kind="levels", levels=tuple(levels), cells=_value_cells(criteria, levels))
    if kind == "rubric":
        texts = _level_texts(criteria)
        return _sentences(texts, levels)
    return CriteriaTable(kind="composite")


def _sentences(texts: Mapping[str, str], levels: Sequence[str]) -> CriteriaTable:
    zero = [("0", texts["0"])] if "0" in texts else []
    rows = [*zero, *((level, texts.get(level, NO_LEVEL)) for level in levels)]
    return CriteriaTable(kind="sentences", levels=tuple(levels), sentences=tuple(rows))


def _thresholds(definition: Content, criteria: Content, levels: Sequence[str]) -> CriteriaTable:
    labels = {str(level): text(label) for level, label in (criteria.get("labels") or {}).items()}
    if any(len(label) > SHORT for label in labels.values()):
        return _sentences(_level_texts(criteria) | labels, levels)
    unit = definition.get("unit") or ""
    figures = _level_texts(criteria)
    per_cent = unit == "ร้อยละ" and not labels
    cells = tuple(
        f"{unit} {cell}" if per_cent and cell != NO_LEVEL else cell for cell in _value_cells(criteria, levels)
    )
    step = even_step([figures.get(level) for level in levels])
    return CriteriaTable(
        kind="levels",
        levels=tuple(levels),
        cells=cells,
        even_step=(f"{unit} {step}" if unit == "ร้อยละ" else f"{step} {unit}").strip() if step else "",
    )


def even_step(figures: Sequence[str | None]) -> str:
    """Return the distance between neighbouring levels if it is the same everywhere, else nothing."""
    try:
        numbers = [exact(figure) for figure in figures]
    except NotExact:
        return ""
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    return plain(abs(steps.pop())) if len(steps) == 1 and steps != {Fraction(0)} else ""


def _milestones(criteria: Content) -> CriteriaTable:
    steps = [_step_row(one) for one in criteria.get("steps", ())]
    triangle = tuple(
        (row.level, tuple(column <= number for column in range(len(steps)))) for number, row in enumerate(steps)
    )
    return CriteriaTable(
        kind="milestones",
        levels=tuple(row.level for row in steps),
        steps=tuple(steps),
        triangle=triangle,
        faults=tuple(_fault(one) for one in criteria.get("faults", ())),
    )


def _step_row(one: Content) -> StepRow:
    lines = [one["title"]] if one.get("title") else []
    for part in one.get("parts", ()):
        cost = f" (ไม่ดำเนินการ หัก {part['deduction']} คะแนน)" if part.get("deduction") else ""
        lines.append(f"{part['code']} {part.get('title', '')}{cost}")
    return StepRow(level=str(one["level"]), lines=tuple(lines))


def _fault(one: Content) -> str:
    place = f" ในขั้นตอนที่ {one['at_step']}" if one.get("at_step") else ""
    most = f" ไม่เกิน {one['most']} ครั้ง" if one.get("most") else ""
    return f"{one.get('title') or one['code']}{place} หักครั้งละ {one['points']} คะแนน{most}"
