"""Writing the draft of a framework: its header, its indicators, who is given what. No write goes over an unseen one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from django.db import transaction
from django.utils.translation import gettext as _

import scoring
from agreements.exchange.shape import INDICATOR, canonical
from agreements.models import Framework, Indicator, Organisation, Role, User
from agreements.models.organisations import subtree
from agreements.services import log
from agreements.services.draft_rows import copy_rows, last_order, rehash, renumber, stamp, touch, write_row
from agreements.services.frameworks import NotADraft, NotTheEditor, demand_editor, office_in_log

Document: TypeAlias = dict[str, Any]

OPEN: Document = {"kind": "open"}


class DraftRefused(Exception):
    """The draft cannot be changed so."""


class ChangedMeanwhile(Exception):
    """Somebody else wrote since this was shown; nothing was written."""


# --- A draft begins --------------------------------------------------------------------------------------------------
def offices_edited_by(user: User) -> list[Organisation]:
    """Return the organisations whose frameworks `user` edits, from the top down."""
    found = Organisation.objects.none()
    for path in Role.objects.paths(user, Role.Kind.FRAMEWORK_EDITOR):
        found = found | Organisation.objects.filter(subtree(path))
    return list(found.order_by("path"))


def edits_what_serves_all(user: User) -> bool:
    """Return whether `user` edits the frameworks that serve all offices."""
    return Role.objects.of_what_serves_all(user).exists()


@transaction.atomic
def start_framework(
    header: Mapping[str, Any], *, organisation: Organisation | None, by: User, at: datetime
) -> Framework:
    """Begin the draft of a new framework of `organisation`, or one that serves all, still without indicators.

    :raises NotTheEditor: if `by` does not edit the frameworks of `organisation`.
    :raises DraftRefused: if there is a framework with this code.
    """
    edits = edits_what_serves_all(by) if organisation is None else organisation in offices_edited_by(by)
    if not edits:
        raise NotTheEditor(_("Only a framework editor of this office may do this."))
    if Framework.objects.filter(code=header["code"]).exists():
        message = _("There is a framework “%(code)s” already. Choose another code, or make a new draft of that one.")
        raise DraftRefused(message % {"code": header["code"]})
    draft = Framework(organisation=organisation, created_at=at)
    fill(draft, {"format": 1, **header})
    record("framework.started", draft, by=by, at=at)
    return draft


@transaction.atomic
def revise(framework: Framework, *, by: User, at: datetime) -> Framework:
    """Return the draft of the next version of `framework`, beginning with everything that it says.

    :raises NotTheEditor: if `by` does not edit its frameworks.
    :raises DraftRefused: if there is a draft of it already.
    """
    demand_editor(framework, by)
    if Framework.objects.filter(code=framework.code, status=Framework.Status.DRAFT).exists():
        raise DraftRefused(_("There is a draft of this framework already; go on with that one."))
    draft = Framework(organisation=framework.organisation, created_at=at)
    fill(draft, framework.header)
    copy_rows(draft, framework.indicators.in_order())
    touch(draft)
    record("framework.revised", draft, by=by, at=at, details={"from": framework.reference})
    return draft


# --- The header ------------------------------------------------------------------------------------------------------
@transaction.atomic
def describe(draft: Framework, header: Mapping[str, Any], *, shown: int, by: User) -> Framework:
    """Write the header of `draft`, which was shown at revision `shown`; its code stays.

    :raises NotTheEditor: if `by` does not edit it.
    :raises ChangedMeanwhile: if it was written since.
    :raises DraftRefused: if a dimension or unit goes that indicators still name.
    """
    draft = locked(draft, by=by)
    demand_seen(draft.revision, shown)
    _demand_unused(draft, header)
    fill(draft, {**header, "code": draft.code, "format": 1})
    touch(draft)
    return draft


def fill(draft: Framework, header: Mapping[str, Any]) -> None:
    """Write `header` into `draft` and what its columns and dimensions repeat of it."""
    header = canonical({**header, "indicators": []})
    del header["indicators"]
    draft.code, draft.title, draft.level = header["code"], header["title"], header["level"]
    draft.fiscal_year, draft.round_number = header.get("fiscal_year"), header.get("round")
    draft.total_weight = Decimal(header["total_weight"]) if "total_weight" in header else None
    draft.header = header
    draft.save()
    _write_dimensions(draft, header.get("dimensions", []))


def _write_dimensions(draft: Framework, entries: Sequence[Mapping[str, Any]]) -> None:
    draft.dimensions.exclude(code__in=[entry["code"] for entry in entries]).delete()
    rows = {}
    for order, entry in enumerate(entries, start=1):
        says = {"title": entry["title"], "weight": entry.get("weight"), "order": order, "parent": None}
        rows[entry["code"]], _new = draft.dimensions.update_or_create(code=entry["code"], defaults=says)
    for entry in entries:
        if entry.get("parent") in rows:
            rows[entry["code"]].parent = rows[entry["parent"]]
            rows[entry["code"]].save(update_fields=["parent"])


def _demand_unused(draft: Framework, header: Mapping[str, Any]) -> None:
    dimensions = {entry["code"] for entry in header.get("dimensions", [])}
    units = {entry["code"] for entry in header.get("units", [])}
    for row in draft.indicators.in_order():
        gone = {row.definition.get("dimension")} - dimensions - {None}
        gone |= set(row.assigned_units) - units
        if gone:
            message = _(
                "Indicator %(indicator)s still names “%(code)s”, which would be gone. Change the indicator first."
            )
            raise DraftRefused(message % {"indicator": row.code, "code": sorted(map(str, gone))[0]})


# --- Indicators ------------------------------------------------------------------------------------------------------
@transaction.atomic
def add_indicator(
    draft: Framework, *, code: str, title: str, parent: Indicator | None, dimension: str, by: User, at: datetime
) -> Indicator:
    """Add an indicator whose criteria are not given yet, last of all or last below `parent`.

    :raises NotTheEditor: if `by` does not edit the draft.
    :raises DraftRefused: if the code is taken, or `parent` has criteria of its own.
    """
    draft = locked(draft, by=by)
    if draft.indicators.filter(code=code).exists():
        raise DraftRefused(_("There is an indicator %(code)s already.") % {"code": code})
    if parent is not None:
        _become_composite(parent, by=by, at=at)
    definition = {"code": code, "title": title, "criteria": OPEN}
    if parent is None and dimension:
        definition["dimension"] = dimension
    row = Indicator(framework=draft, parent=parent, order=last_order(draft) + 1)
    write_row(row, definition, by=by, at=at)
    if parent is not None:
        renumber(draft)
    touch(draft)
    return row


def _become_composite(parent: Indicator, *, by: User, at: datetime) -> None:
    if parent.definition.get("criteria", OPEN).get("kind") != "open" or "measure" in parent.definition:
        message = _(
            "Indicator %(code)s has criteria or a measure of its own. Choose “not given yet” and a directly entered "
            "value there before it gets sub-indicators."
        )
        raise DraftRefused(message % {"code": parent.code})
    if "criteria" in parent.definition:
        bare = {key: value for key, value in parent.definition.items() if key != "criteria"}
        parent.typed = None
        write_row(parent, bare, by=by, at=at)


@transaction.atomic
def write_indicator(
    indicator: Indicator, definition: Mapping[str, Any], *, shown: int, by: User, at: datetime
) -> Indicator:
    """Write what an indicator is, in place of what was shown at revision `shown`.

    :raises NotTheEditor: if `by` does not edit the draft.
    :raises ChangedMeanwhile: if somebody wrote it since.
    :raises DraftRefused: if its code is taken.
    :raises scoring.Refused: if it is no indicator by the rules.
    """
    row = _locked_indicator(indicator, shown=shown, by=by)
    code = definition["code"]
    if row.framework.indicators.filter(code=code).exclude(pk=row.pk).exists():
        raise DraftRefused(_("There is an indicator %(code)s already.") % {"code": code})
    checked = {**definition, "criteria": OPEN} if row.children.exists() else definition
    scoring.read_indicator(checked, defaults=defaults_of(row.framework))
    if row.typed is None and INDICATOR(definition) == row.definition:
        return row
    seen_elsewhere = (row.code, row.assigned_units) != (code, list(definition.get("assigned_units", [])))
    row.typed = None
    write_row(row, definition, by=by, at=at)
    if seen_elsewhere:
        touch(row.framework)
    else:
        rehash(row.framework)
    return row


@transaction.atomic
def keep_typed(
    indicator: Indicator, typed: Mapping[str, Sequence[str]], *, shown: int, by: User, at: datetime
) -> Indicator:
    """Keep what was typed into an indicator's template while it is no definition yet.

    :raises NotTheEditor: if `by` does not edit the draft.
    :raises ChangedMeanwhile: if somebody wrote it since.
    """
    row = _locked_indicator(indicator, shown=shown, by=by)
    if row.typed == typed:
        return row
    row.typed = {name: list(values) for name, values in typed.items()}
    stamp(row, by=by, at=at)
    row.save()
    return row


@transaction.atomic
def remove_indicator(indicator: Indicator, *, by: User, at: datetime) -> None:
    """Take an indicator out of a draft, with its sub-indicators.

    :raises NotTheEditor: if `by` does not edit the draft.
    """
    draft, parent = locked(indicator.framework, by=by), indicator.parent
    details = {"indicator": indicator.code, "title": indicator.title}
    indicator.delete()
    # Where the parties write the sub-indicators, none is as good as some.
    if parent is not None and not parent.children.exists() and "children" not in parent.definition:
        write_row(parent, {**parent.definition, "criteria": OPEN}, by=by, at=at)
    touch(draft)
    record("framework.indicator_removed", draft, by=by, at=at, details=details)


@transaction.atomic
def move_up(indicator: Indicator, *, by: User) -> None:
    """Move an indicator, with its sub-indicators, before the one above it.

    :raises NotTheEditor: if `by` does not edit the draft.
    """
    _swap(indicator, by=by, step=-1)


@transaction.atomic
def move_down(indicator: Indicator, *, by: User) -> None:
    """Move an indicator, with its sub-indicators, behind the one below it.

    :raises NotTheEditor: if `by` does not edit the draft.
    """
    _swap(indicator, by=by, step=1)


def _swap(indicator: Indicator, *, by: User, step: int) -> None:
    draft = locked(indicator.framework, by=by)
    beside = list(draft.indicators.in_order().filter(parent=indicator.parent_id))
    at = beside.index(indicator)
    if not 0 <= at + step < len(beside):
        return
    other = beside[at + step]
    Indicator.objects.filter(pk=indicator.pk).update(order=other.order)
    Indicator.objects.filter(pk=other.pk).update(order=beside[at].order)
    renumber(draft)
    touch(draft)


@transaction.atomic
def copy_indicators(draft: Framework, indicators: Iterable[Indicator], *, by: User, at: datetime) -> list[Indicator]:
    """Copy `indicators`, each with its sub-indicators, to the end of `draft`; what is in it stays as it is.

    A taken code gets a number. A draft without dimensions, or without units, takes those of what is copied; from one
    that has its own, a dimension or unit that it does not have is left out.

    :raises NotTheEditor: if `by` does not edit the draft.
    """
    draft = locked(draft, by=by)
    chosen = list(indicators)
    _take_over(draft, chosen)
    tops = copy_rows(draft, chosen)
    touch(draft)
    details = {"indicators": [row.code for row in tops]}
    record("framework.indicators_copied", draft, by=by, at=at, details=details)
    return tops


def _take_over(draft: Framework, chosen: Sequence[Indicator]) -> None:
    missing = [key for key in ("dimensions", "units") if not draft.header.get(key)]
    header = dict(draft.header)
    for source in {row.framework_id: row.framework for row in chosen}.values():
        for key in missing:
            known = {entry["code"] for entry in header.get(key, [])}
            entries = [entry for entry in source.header.get(key, []) if entry["code"] not in known]
            if entries:
                header[key] = [*header.get(key, []), *entries]
    if header != draft.header:
        fill(draft, header)


# --- Who is given what -----------------------------------------------------------------------------------------------
@transaction.atomic
def assign_units(draft: Framework, given: Mapping[str, Sequence[str]], *, shown: int, by: User, at: datetime) -> None:
    """Give each indicator named by its code in `given` to these units, and to no others.

    :raises NotTheEditor: if `by` does not edit the draft.
    :raises ChangedMeanwhile: if the draft was written since it was shown at revision `shown`.
    """
    draft = locked(draft, by=by)
    demand_seen(draft.revision, shown)
    known = [unit["code"] for unit in draft.header.get("units", [])]
    for row in draft.indicators.in_order().filter(code__in=given):
        units = [code for code in known if code in given[row.code]]
        if units != row.assigned_units:
            rest = {key: value for key, value in row.definition.items() if key != "assigned_units"}
            if row.typed is not None:
                row.typed = {**row.typed, "assigned_units": units}
            write_row(row, rest | ({"assigned_units": units} if units else {}), by=by, at=at)
    touch(draft)


# --- What all of them do ---------------------------------------------------------------------------------------------
def defaults_of(framework: Framework) -> scoring.Defaults:
    """Return what the framework decides for all of its indicators."""
    header = framework.header
    scale = scoring.Scale(levels=tuple(header["scale"])) if header.get("scale") else scoring.Scale()
    return scoring.Defaults(scale=scale, below_level_1=header.get("below_level_1", "one"))


def locked(draft: Framework, *, by: User) -> Framework:
    """Return `draft` locked for a write.

    :raises NotTheEditor: if `by` does not edit it.
    :raises NotADraft: if it is published already.
    """
    demand_editor(draft, by)
    found = Framework.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=draft.pk)
    if found.status != Framework.Status.DRAFT:
        raise NotADraft(_("%(framework)s is published already.") % {"framework": found})
    return found


def _locked_indicator(indicator: Indicator, *, shown: int, by: User) -> Indicator:
    draft = locked(indicator.framework, by=by)
    row = Indicator.objects.select_for_update(of=("self",)).get(pk=indicator.pk)
    row.framework = draft
    demand_seen(row.revision, shown)
    return row


def demand_seen(revision: int, shown: int) -> None:
    """Let only a write through that has seen the last one.

    :raises ChangedMeanwhile: if `shown` is not `revision`.
    """
    if revision != shown:
        raise ChangedMeanwhile(_("Somebody changed this since you opened it. Nothing was overwritten."))


def record(verb: str, draft: Framework, *, by: User, at: datetime, details: Document | None = None) -> None:
    """Write an act on `draft` into the log of its office."""
    if office := office_in_log(draft, by):
        log.record(verb, office=office, by=by, at=at, details={"framework": draft.reference, **(details or {})})
