"""A dashboard as it stands on paper and in a workbook: its filters named, then its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from agreements import thai
from agreements.models.organisations import PersonnelGroup
from agreements.services.dashboards import Asked, Cell, Dashboard, Row, Unit
from agreements.templatetags.portal import state_look
from agreements.views.dashboard_charts import bands_of
from agreements.views.monitoring import heading_of
from scoring import display

PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardPaper:
    """What is written of a dashboard."""

    board: Dashboard
    at: datetime

    @property
    def subject(self) -> str:
        """What the whole is called."""
        return _("Dashboard: %(framework)s") % {"framework": self.board.asked.framework.title}

    @property
    def filters(self) -> list[tuple[str, str]]:
        """What was asked for, each with its name; those that were left open, too, so that nobody has to guess."""
        return [*filters_of(self.board.asked), (_("As of"), thai.format_datetime(self.at))]

    @property
    def bands(self) -> list[str]:
        """The bands of the spread."""
        return bands_of(self.board.measure)

    @property
    def rounds(self) -> list[str]:
        """The rounds of the trend."""
        return [str(one) for one in self.board.rounds]

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Yield each indicator with its dimension or the indicator that it is a part of."""
        for row in self.board.rows:
            yield heading_of(row.indicator), row


def filters_of(asked: Asked) -> list[tuple[str, str]]:
    """Return in words what `asked` is about."""
    round_ = asked.round
    told = {"number": round_.get_number_display(), "year": round_.fiscal_year}
    return [
        (_("Round"), _("%(number)s, fiscal year %(year)s") % told),
        (_("Framework"), asked.framework.name),
        (_("Unit"), _("%(unit)s and all below it") % {"unit": asked.place.name}),
        (_("Dimension"), asked.dimension.title if asked.dimension else _("All dimensions")),
        (_("Personnel group"), str(PersonnelGroup(asked.group).label) if asked.group else _("All groups")),
        (_("Which results"), _("Released ones only")),
    ]


def figure(cell: Cell) -> str:
    """Return an average as displayed, or why there is none."""
    if cell.is_withheld:
        return "— " + _("kept back")
    return "–" if cell.mean is None else display(cell.mean, PLACES)


def light(cell: Cell) -> str:
    """Return how an average stands in words: its traffic light, and its grade where it has one."""
    if cell.mean is None:
        return "–"
    words = str(state_look(cell.light).word)
    return f"{words} · {cell.grade.label}" if cell.grade else words


def name_of(unit: Unit) -> str:
    """Return what a part of the unit shown is called."""
    if unit.is_own:
        return _("%(unit)s itself") % {"unit": unit.organisation.name}
    return unit.organisation.name
