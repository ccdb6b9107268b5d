"""Opening an agreement and choosing what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from agreements import actions
from agreements.models import (
    AgreedCompetency,
    Agreement,
    Capacity,
    Competency,
    CompetencySet,
    Framework,
    Indicator,
    Item,
    Organisation,
    Part,
    Party,
    Posting,
    Round,
    State,
    User,
    Version,
)
from agreements.models.frameworks import is_given
from agreements.services import log

# Whoever opens and chooses mostly moves it on, too: these are found here as well.
from agreements.services.states import (
    AgreementRefused,
    act,
    locked,
    move,
    record,
    return_with_reason,
)

__all__ = [
    "AgreementRefused",
    "Terms",
    "act",
    "choose_indicators",
    "copy_indicator",
    "expected_of",
    "free_code",
    "indicators_given_to",
    "line_of",
    "locked",
    "move",
    "name_competencies",
    "next_order",
    "open_agreement",
    "party",
    "remove_item",
    "return_with_reason",
    "rewrite_own_indicator",
    "set_terms",
    "split",
    "weigh_again",
    "write_own_indicator",
]


# --- Opening ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def open_agreement(round_: Round, posting: Posting, *, by: User, at: datetime) -> Agreement:
    """Open a person's agreement for `round_` under the assessor of `posting`.

    :raises AgreementRefused: if the round is not open, or nobody is named to assess the posting.
    """
    demand_round(round_, Round.Subject.PEOPLE)
    if posting.assessor is None or posting.assessor.user_id == posting.user_id:
        raise AgreementRefused(_("No assessor is named for this position. HR can name one."))
    if Agreement.objects.filter(round=round_, person_id=posting.user_id).exists():
        raise AgreementRefused(_("This person has an agreement in this round already."))
    agreement = Agreement(round=round_, person=posting.user, organisation=posting.organisation, state_since=at)
    version = begin(
        agreement, posting, posting.assessor, starts_on=max(round_.starts_on, posting.starts_on), by=by, at=at
    )
    _name_parties(version, posting)
    expect_competencies(version, round_, posting)
    record("open", agreement, by=by, at=at, details={"to": State.DRAFT})
    return agreement


def demand_round(round_: Round, subject: str) -> None:
    """Refuse unless `round_` is open for the agreements of `subject`.

    :raises AgreementRefused: if it is not.
    """
    if round_.status != Round.Status.OPEN:
        raise AgreementRefused(_("The round is not open."))
    if round_.subject == Round.Subject.ORGANISATIONS and subject == Round.Subject.PEOPLE:
        raise AgreementRefused(_("In this round offices make agreements, not people."))
    if round_.subject == Round.Subject.PEOPLE and subject == Round.Subject.ORGANISATIONS:
        raise AgreementRefused(_("In this round people make agreements, not offices."))


def begin(
    agreement: Agreement, posting: Posting, assessor: Posting, *, starts_on: date, by: User, at: datetime
) -> Version:
    """Save `agreement` with its first part and the first version of it, without parties."""
    agreement.save()
    ends_on = agreement.round.ends_on
    part = Part.objects.create(
        agreement=agreement, posting=posting, assessor=assessor, starts_on=starts_on, ends_on=ends_on
    )
    return Version.objects.create(part=part, number=1, created_by=by, created_at=at)


def _name_parties(version: Version, posting: Posting) -> None:
    chain = line_of(posting, version.part.agreement.round)
    Party.objects.bulk_create(party(version, capacity, held) for capacity, held in chain)


def line_of(posting: Posting, round_: Round) -> list[tuple[Capacity, Posting]]:
    """Return who takes part in an agreement of `posting`: the assessee, and those above as far as `round_` wants."""
    chain = [(Capacity.ASSESSEE, posting)]
    capacities = [Capacity.ASSESSOR, Capacity.REVIEWER]
    if round_.second_review:
        capacities.append(Capacity.REVIEWER_2)
    taken = {posting.user_id}
    for capacity in capacities:
        above = chain[-1][1].assessor
        if above is None or above.user_id in taken:
            break
        chain.append((capacity, above))
        taken.add(above.user_id)
    return chain


def party(version: Version, capacity: Capacity, posting: Posting, *, office: Organisation | None = None) -> Party:
    """Return the holder of `posting` as a party, with name and position as they are now; unsaved."""
    unit = posting.organisation
    office = office or log.office_of(unit)
    return Party(
        version=version,
        capacity=capacity,
        user=posting.user,
        posting=posting,
        name=posting.user.full_name,
        title=posting.printed_title,
        position_type=posting.position_type,
        level=posting.level,
        personnel_group=posting.personnel_group,
        number=posting.number,
        unit=unit.name,
        office=office.name,
        province=office.province_name,
    )


def expect_competencies(version: Version, round_: Round, posting: Posting) -> None:
    """Write the competencies of `round_` into a new version, each at the level expected of `posting`."""
    chosen = competency_set_for(round_, posting)
    if chosen is not None and not version.part.agreement.is_of_organisation:
        rows = expected_of(posting, chosen, chosen.competencies.order_by("order"), version=version)
        AgreedCompetency.objects.bulk_create(rows)


def competency_set_for(round_: Round, posting: Posting) -> CompetencySet | None:
    """Return the competencies that `round_` has for the type of position, else those for everybody."""
    own = round_.competency_sets.filter(position_type=posting.position_type).select_related("competency_set").first()
    return own.competency_set if own else round_.competency_set


def expected_of(
    posting: Posting, chosen: CompetencySet, competencies: Iterable[Competency], *, version: Version
) -> list[AgreedCompetency]:
    """Return the `competencies` of `chosen` at the level expected of `posting`, unsaved."""
    expected = int(chosen.expected_levels.get(posting.level, 1))
    return [
        AgreedCompetency(
            version=version,
            kind=competency.kind,
            order=competency.order,
            name=competency.name,
            levels=competency.levels,
            expected=expected,
        )
        for competency in competencies
    ]


# --- Choosing indicators ---------------------------------------------------------------------------------------------
def indicators_given_to(organisation: Organisation, round_: Round) -> list[Indicator]:
    """Return the published indicators that `organisation` is given for `round_`, parents before children.

    The framework's owner, or the round's organisation, is given all of them. A framework without weights is there to be
    followed month by month, and is given to nobody.
    """
    around = Organisation.objects.line_of(organisation).order_by().values("pk")
    serving = Framework.objects.filter(
        Q(round_number=round_.number) | Q(round_number=None),
        Q(organisation__in=around) | Q(organisation=None),
        status=Framework.Status.PUBLISHED,
        fiscal_year=round_.fiscal_year,
        total_weight__isnull=False,
    ).exclude(level=Framework.Level.LIBRARY)
    indicators = (
        Indicator.objects.filter(framework__in=serving)
        .select_related("framework", "dimension", "parent__dimension")
        .order_by("framework__code", "order", "pk")
    )
    return [one for one in indicators if _is_given(one, organisation, round_)]


def unit_of(part: Part) -> Organisation:
    """Return the unit for which `part` is agreed: the assessee's, which a split may have changed."""
    return part.agreement.organisation if part.agreement.person_id is None else part.posting.organisation


def _is_given(indicator: Indicator, organisation: Organisation, round_: Round) -> bool:
    owns = organisation.pk in {indicator.framework.organisation_id, round_.organisation_id}
    return owns or is_given(indicator.assigned_units, organisation.unit_code)


@transaction.atomic
def choose_indicators(version: Version, indicators: Iterable[Indicator], *, by: User, at: datetime) -> list[Item]:
    """Copy `indicators`, each with its sub-indicators, into a draft; those that are in it already stay as they are.

    :raises AgreementRefused: if one of them is not given to the assessee's unit.
    """
    actions.demand(actions.EDIT, locked(version), by)
    agreement = version.part.agreement
    given = {one.pk for one in indicators_given_to(unit_of(version.part), agreement.round)}
    chosen = {item.indicator_id for item in version.items.exclude(indicator=None)}
    added = []
    for indicator in indicators:
        if indicator.pk not in given:
            raise AgreementRefused(_("Indicator %(code)s is not given to this unit.") % {"code": indicator.code})
        if indicator.pk not in chosen and indicator.parent_id not in chosen:
            # A sub-indicator chosen before its parent gives way: it comes again inside the parent.
            below = _all_below(indicator)
            version.items.filter(indicator__in=below, parent=None).delete()
            added.append(copy_indicator(version, indicator))
            chosen |= {indicator.pk, *(one.pk for one in below)}
    return added


def _all_below(indicator: Indicator) -> list[Indicator]:
    children = list(indicator.children.order_by("order", "pk"))
    return children + [deeper for child in children for deeper in _all_below(child)]


def copy_indicator(version: Version, indicator: Indicator, *, parent: Item | None = None) -> Item:
    """Copy `indicator`, with its sub-indicators, into `version`; whoever calls it has demanded that it may be."""
    weight: Any = indicator.weight
    if parent is not None and weight is None:
        # A library gives no weights; a composite is scored only where each part has one.
        weight = Decimal(0)
    item = Item.objects.create(
        version=version,
        indicator=indicator,
        parent=parent,
        code=free_code(version, indicator.code),
        title=indicator.title,
        goal=indicator.definition.get("work", ""),
        weight=weight,
        order=next_order(version),
        definition=indicator.definition,
    )
    for child in indicator.children.order_by("order", "pk"):
        copy_indicator(version, child, parent=item)
    return item


def next_order(version: Version) -> int:
    """Return the place after the last item of `version`."""
    return (version.items.aggregate(last=Max("order"))["last"] or 0) + 1


def free_code(version: Version, wanted: str) -> str:
    """Return `wanted`, with a number where an item of `version` has that code."""
    taken = set(version.items.values_list("code", flat=True))
    number, code = 2, wanted
    while code in taken:
        code, number = f"{wanted}-{number}", number + 1
    return code


@transaction.atomic
def write_own_indicator(version: Version, definition: Mapping[str, Any], *, goal: str, by: User) -> Item:
    """Add an indicator of the assessee's own, given as one indicator of framework-format.md, to a draft."""
    actions.demand(actions.EDIT, locked(version), by)
    columns, rest = split(definition)
    return Item.objects.create(
        version=version, code=_own_code(version), goal=goal, order=next_order(version), definition=rest, **columns
    )


@transaction.atomic
def rewrite_own_indicator(item: Item, definition: Mapping[str, Any], *, goal: str, by: User) -> Item:
    """Replace the definition of an indicator of the assessee's own.

    :raises AgreementRefused: if the item is a copy of a framework's indicator.
    """
    actions.demand(actions.EDIT, locked(item.version), by)
    if item.indicator_id is not None:
        raise AgreementRefused(_("This indicator belongs to the framework; its criteria cannot be changed here."))
    columns, item.definition = split(definition)
    item.title, item.weight, item.goal = columns["title"], columns["weight"], goal
    item.save()
    weigh_again(item.version)
    return item


def split(definition: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns of an item of one's own, and the rest of its definition."""
    rest = {key: value for key, value in definition.items() if key not in {"code", "title", "weight"}}
    return {"title": definition["title"], "weight": definition.get("weight")}, rest


def _own_code(version: Version) -> str:
    taken = set(version.items.values_list("code", flat=True))
    number = 1
    while f"P{number}" in taken:
        number += 1
    return f"P{number}"


@transaction.atomic
def remove_item(item: Item, *, by: User) -> None:
    """Take an item, with its sub-indicators, out of a draft."""
    actions.demand(actions.EDIT, locked(item.version), by)
    if item.parent_id is not None:
        raise AgreementRefused(_("A sub-indicator is removed with its indicator."))
    item.delete()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The goal and weight agreed for one item; the weight in per cent of the agreement."""

    goal: str
    weight: Decimal | None


@transaction.atomic
def set_terms(version: Version, terms: Mapping[int, Terms], *, by: User) -> None:
    """Write the goals and weights of a draft; `terms` is keyed by item. A composite weighs what its children weigh."""
    actions.demand(actions.EDIT, locked(version), by)
    items = {item.pk: item for item in version.items.all()}
    parents = {item.parent_id for item in items.values()}
    for pk, term in terms.items():
        item = items[pk]
        item.goal = term.goal
        if pk not in parents:
            item.weight = term.weight
    _sum_up(items.values())
    Item.objects.bulk_update(items.values(), ["goal", "weight"])


def weigh_again(version: Version) -> None:
    """Make each composite of `version` weigh what its children weigh."""
    items = list(version.items.all())
    _sum_up(items)
    Item.objects.bulk_update(items, ["weight"])


def _sum_up(items: Iterable[Item]) -> None:
    # Deepest first, so that a composite of composites sums what was just summed.
    ordered = list(items)
    children: dict[int | None, list[Item]] = {}
    for item in ordered:
        children.setdefault(item.parent_id, []).append(item)

    def weigh(item: Item) -> Decimal:
        below = children.get(item.pk)
        if below:
            item.weight = sum((weigh(child) for child in below), Decimal(0))
        elif item.parent_id is not None and item.weight is None:
            # A composite is scored only where each part has a weight; a part of 0 is asked about before proposing.
            item.weight = Decimal(0)
        return item.weight or Decimal(0)

    for top in children.get(None, []):
        weigh(top)


@transaction.atomic
def name_competencies(version: Version, names: Mapping[int, str], expected: Mapping[int, int], *, by: User) -> None:
    """Write the names of the line-of-work competencies and the expected levels (1–5) of a draft, keyed by order."""
    actions.demand(actions.EDIT, locked(version), by)
    rows = list(version.competencies.all())
    for row in rows:
        if row.kind == "line" and row.order in names:
            row.name = names[row.order]
        row.expected = expected.get(row.order, row.expected)
    AgreedCompetency.objects.bulk_update(rows, ["name", "expected"])
