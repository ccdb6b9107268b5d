"""What the demo's office wrote down month by month: typed figures, causes and corrective actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from agreements.models import Framework, Indicator, Organisation, Posting, User
from agreements.services import frameworks, remedies

Story = Mapping[str, Any]


def publish(documents: Iterable[Story], department: Organisation, *, at: datetime) -> None:
    """Publish the frameworks that the demo's office follows, for nobody, as a command does."""
    for document in documents:
        outcome = frameworks.import_framework(document, organisation=department, at=at, by=None)
        frameworks.publish(outcome.framework, at=at, by=None)


def tell(stories: Story, *, at: datetime) -> None:
    """Let the people of the demo write down what `stories` say."""
    for story in stories["figures"]:
        values = {date.fromisoformat(f"{month}-01"): Decimal(value) for month, value in story["values"].items()}
        _as_told(story, remedies.write_figures, values, at=at)
    for story in stories["remedies"]:
        plan = remedies.Plan(
            cause=story["cause"],
            action=story["action"],
            owner=Posting.objects.get(user__username=story["owner"]),
            due_on=story["due_on"],
        )
        _as_told(story, remedies.write_remedy, story["month"], plan, at=at)


def _as_told(story: Story, write: Callable[..., object], *told: object, at: datetime) -> None:
    framework = Framework.objects.latest_published(story["framework"])
    indicator = Indicator.objects.select_related("framework").get(framework=framework, code=story["indicator"])
    place, by = Organisation.objects.get(code=story["unit"]), User.objects.get(username=story["by"])
    write(indicator, place, *told, by=by, at=at)
