"""Frameworks: read from documents, published as versions, given back as documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from agreements.exchange.documents import DocumentFault
from agreements.exchange.shape import canonical, content_hash
from agreements.explain import explain_fault
from agreements.models import Dimension, Framework, Indicator, Organisation, Role, User
from agreements.services import bindings, log
from scoring import read_framework
from scoring.faults import Fault, Refused, join

Document: TypeAlias = dict[str, Any]
Change: TypeAlias = Literal["created", "updated", "unchanged", "new_draft"]

_VERSION = re.compile(r"(?P<code>[^@]+)@(?P<version>[0-9]{1,9})")


class ImportRefused(Exception):
    """The document is no framework by the rules; `faults` holds everything that is wrong with it."""

    def __init__(self, faults: tuple[Fault | DocumentFault, ...]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(map(describe_fault, self.faults))


class CodeTaken(Exception):
    """Another organisation's framework has this code."""


class NotTheEditor(PermissionDenied):
    """Only a framework editor of the office changes its frameworks."""


class NotADraft(Exception):
    """Only a draft is published, and once."""


class NoSuchFramework(LookupError):
    """No framework has this code, or not this version."""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """The framework that now holds the document, what importing it changed, and what in it looks like a slip."""

    framework: Framework
    change: Change
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document that keeps the rules, in its canonical form, and what in it looks like a slip."""

    document: Document
    warnings: tuple[Fault, ...]


def describe_fault(fault: Fault | DocumentFault) -> str:
    """Return what is wrong, where, and what is allowed, in one line."""
    sentence = str(fault) if isinstance(fault, DocumentFault) else explain_fault(fault)
    return " ".join(sentence.splitlines())


def warnings_about(framework: Framework) -> list[str]:
    """Return what in `framework` is allowed but looks like a slip, each with the code of its indicator.

    A draft that does not keep the rules yet has faults, not warnings.
    """
    document = framework_document(framework)
    try:
        rules = read_framework(document)
    except Refused:
        return []
    return [f"{_code_at(fault.place, document)}: {explain_fault(replace(fault, place=''))}" for fault in rules.warnings]


def _code_at(place: str, document: Document) -> str:
    code, entry = "", document
    for key, number in re.findall(r"(indicators|children)\[(\d+)\]", place):
        entry = entry[key][int(number)]
        code = entry["code"]
    return code


# --- Import ----------------------------------------------------------------------------------------------------------
def import_framework(
    document: Mapping[str, Any], *, organisation: Organisation | None, at: datetime, by: User | None
) -> ImportOutcome:
    """Make `document` the draft of its code, unless it says what the draft or the latest version says already.

    A new code without an organisation serves all; a known one keeps its owner.

    :raises ImportRefused: if it is no framework by the rules; nothing has changed then.
    :raises CodeTaken: if its code belongs to another organisation, or is being imported by somebody else.
    """
    return import_accepted(check_document(document), organisation=organisation, at=at, by=by)


def import_accepted(
    accepted: Accepted, *, organisation: Organisation | None, at: datetime, by: User | None
) -> ImportOutcome:
    """Import a document that was checked already.

    :raises CodeTaken: if its code belongs to another organisation, or is being imported by somebody else.
    """
    with transaction.atomic():
        framework, change = _import(accepted.document, organisation=organisation, at=at, by=by)
    return ImportOutcome(framework, change, accepted.warnings)


def check_document(document: Mapping[str, Any]) -> Accepted:
    """Return `document` in its canonical form, checked by the rules and for what the columns hold.

    :raises ImportRefused: with every fault found.
    """
    try:
        rules = read_framework(document)
    except Refused as refused:
        raise ImportRefused(refused.faults) from refused
    accepted = canonical(document)
    faults: list[Fault | DocumentFault] = [*_not_storable(accepted), *bindings.faults_in(accepted)]
    if faults:
        raise ImportRefused(tuple(faults))
    return Accepted(accepted, rules.warnings)


def _import(
    document: Document, *, organisation: Organisation | None, at: datetime, by: User | None
) -> tuple[Framework, Change]:
    versions = _locked_versions(document["code"])
    current = versions[0] if versions else None
    owner = _owner(versions, organisation)
    digest = content_hash(document)
    if current is not None and current.content_hash == digest and current.organisation == owner:
        return current, "unchanged"

    change: Change
    if current is not None and current.status == Framework.Status.DRAFT:
        draft, change = current, "updated"
    else:
        draft = Framework(code=document["code"], created_at=at)
        change = "created" if current is None else "new_draft"
    draft.organisation = owner
    _fill(draft, document, digest)
    _record("framework.imported", draft, at=at, by=by, details={"change": change, "content": digest})
    return draft, change


def _locked_versions(code: str) -> list[Framework]:
    """Return what exists under `code`, locked: the draft first, then the versions from the latest."""
    found = Framework.objects.select_for_update(of=("self",)).filter(code=code).select_related("organisation")
    return sorted(found, key=lambda framework: (framework.version is not None, -(framework.version or 0)))


def _owner(versions: list[Framework], organisation: Organisation | None) -> Organisation | None:
    """Return whose framework the next draft is: a code stays with its first owner."""
    if not versions or versions[0].organisation == organisation:
        return organisation
    owner = versions[0].organisation
    if organisation is None:
        return owner
    if owner is not None:
        message = _("The framework “%(code)s” belongs to %(organisation)s (%(organisation_code)s).")
        params = {"code": versions[0].code, "organisation": owner.name, "organisation_code": owner.code}
        raise CodeTaken(message % params)
    if any(version.version for version in versions):
        message = _("The framework “%(code)s” serves all; it cannot become that of one organisation.")
        raise CodeTaken(message % {"code": versions[0].code})
    return organisation


# --- Rows of a draft -------------------------------------------------------------------------------------------------
def _fill(draft: Framework, document: Document, digest: str) -> None:
    """Write `document` into `draft`, in place of what it held."""
    draft.title = document["title"]
    draft.level = document["level"]
    draft.fiscal_year = document.get("fiscal_year")
    draft.round_number = document.get("round")
    draft.total_weight = Decimal(document["total_weight"]) if "total_weight" in document else None
    draft.header = {key: value for key, value in document.items() if key != "indicators"}
    draft.content_hash = digest
    draft.revision += 1
    _save(draft)
    # No agreement refers to a draft's indicators.
    draft.indicators.all().delete()
    draft.dimensions.all().delete()
    dimensions = _create_dimensions(draft, document.get("dimensions", []))
    _create_indicators(draft, document["indicators"], dimensions)


def _save(draft: Framework) -> None:
    # Nothing can be locked before a code's first draft exists, so the constraint decides between two who begin it.
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as error:
        message = _("“%(code)s” is being imported by somebody else at this moment. Try again.")
        raise CodeTaken(message % {"code": draft.code}) from error


def _create_dimensions(draft: Framework, entries: list[Document]) -> dict[str, Dimension]:
    rows = Dimension.objects.bulk_create(
        Dimension(framework=draft, code=entry["code"], title=entry["title"], weight=entry.get("weight"), order=order)
        for order, entry in enumerate(entries, start=1)
    )
    by_code = {row.code: row for row in rows}
    for row, entry in zip(rows, entries, strict=True):
        row.parent = by_code.get(entry.get("parent", ""))
    Dimension.objects.bulk_update([row for row in rows if row.parent], ["parent"])
    return by_code


def _create_indicators(draft: Framework, entries: list[Document], dimensions: dict[str, Dimension]) -> None:
    walked = list(_walk(entries))
    rows = Indicator.objects.bulk_create(
        Indicator(
            framework=draft,
            dimension=dimensions.get(entry.get("dimension", "")),
            code=entry["code"],
            title=entry["title"],
            weight=entry.get("weight"),
            order=order,
            # That there are no sub-indicators yet is a fact of its own; those that are there are rows.
            definition={key: value for key, value in entry.items() if key != "children" or not value},
        )
        for order, (entry, _parent) in enumerate(walked, start=1)
    )
    by_code = {row.code: row for row in rows}
    for row, (_entry, parent) in zip(rows, walked, strict=True):
        row.parent = by_code.get(parent)
    Indicator.objects.bulk_update([row for row in rows if row.parent], ["parent"])


def _walk(entries: list[Document], parent: str = "") -> Iterator[tuple[Document, str]]:
    """Yield each indicator with its parent's code, parents before their children."""
    for entry in entries:
        yield entry, parent
        yield from _walk(entry.get("children", []), entry["code"])


# --- What the columns hold -------------------------------------------------------------------------------------------
def _not_storable(document: Document) -> Iterator[DocumentFault]:
    """Yield a fault for a code that cannot be named, and for each text that PostgreSQL would not store."""
    if "@" in document["code"]:
        message = _("A framework's code holds no @, which stands before the number of a version.")
        yield DocumentFault("code", message, "code")
    yield from _too_long_in(document, Framework, "", "code", "title", "total_weight")
    for number, entry in enumerate(document.get("dimensions", [])):
        yield from _too_long_in(entry, Dimension, f"dimensions[{number}]", "code", "title", "weight")
    for entry, place in _places(document["indicators"], "indicators"):
        yield from _too_long_in(entry, Indicator, place, "code", "weight")


def _places(entries: list[Document], place: str) -> Iterator[tuple[Document, str]]:
    for number, entry in enumerate(entries):
        yield entry, f"{place}[{number}]"
        yield from _places(entry.get("children", []), f"{place}[{number}].children")


def _too_long_in(entry: Document, model: type[models.Model], place: str, *keys: str) -> Iterator[DocumentFault]:
    for key in keys:
        limit: int = getattr(model, key).field.max_length
        if len(entry.get(key, "")) > limit:
            message = _("This is too long; %(limit)s characters are allowed.") % {"limit": limit}
            yield DocumentFault("too_long", message, join(place, key))


# --- Publication -----------------------------------------------------------------------------------------------------
@transaction.atomic
def publish(framework: Framework, *, at: datetime, by: User | None) -> Framework:
    """Publish the draft `framework` as the next version of its code; the one before is superseded.

    Commands publish as nobody; a person has to be its editor.

    :raises NotTheEditor: if `by` is not an editor of its office.
    :raises NotADraft: if it is published already.
    :raises ImportRefused: if it is not a framework by the rules yet.
    """
    demand_editor(framework, by)
    versions = _locked_versions(framework.code)
    draft = next((version for version in versions if version.pk == framework.pk), None)
    if draft is None or draft.status != Framework.Status.DRAFT:
        raise NotADraft(_("%(framework)s is published already.") % {"framework": draft or framework})
    if faults := tuple(unfinished(draft)):
        raise ImportRefused(faults)
    check_document(framework_document(draft))
    earlier = [version for version in versions if version.version is not None]
    Framework.objects.filter(code=draft.code, status=Framework.Status.PUBLISHED).update(
        status=Framework.Status.SUPERSEDED
    )
    draft.version = max((version.version or 0 for version in earlier), default=0) + 1
    draft.status = Framework.Status.PUBLISHED
    draft.published_at = at
    draft.save(update_fields=["version", "status", "published_at"])
    _record("framework.published", draft, at=at, by=by, details={"content": draft.content_hash})
    return draft


def demand_editor(framework: Framework, by: User | None) -> None:
    """Let only an editor of the framework's office through, and commands, which are nobody.

    :raises NotTheEditor: if `by` is somebody else.
    """
    if by is not None and not Framework.objects.filter(pk=framework.pk).edited_by(by).exists():
        raise NotTheEditor(_("Only a framework editor of this office may do this."))


def unfinished(draft: Framework) -> Iterator[DocumentFault]:
    """Yield a fault for each indicator whose template holds what is no definition yet."""
    for code in draft.indicators.in_order().exclude(typed=None).values_list("code", flat=True):
        message = _("Indicator %(code)s is not finished: its template says what is missing.") % {"code": code}
        yield DocumentFault("unfinished", message)


# --- Looking up ------------------------------------------------------------------------------------------------------
def framework_called(reference: str) -> Framework:
    """Return the framework that `reference` names: CODE@2 a version, CODE the latest published or else the draft.

    :raises NoSuchFramework: if there is none; the message names the nearest codes.
    """
    if named := _VERSION.fullmatch(reference):
        found = Framework.objects.filter(code=named["code"], version=int(named["version"])).first()
    else:
        drafts = Framework.objects.filter(code=reference, status=Framework.Status.DRAFT)
        found = Framework.objects.latest_published(reference) or drafts.first()
    if found is None:
        known = [framework.reference for framework in Framework.objects.only("code", "version")]
        message = _("There is no framework “%(code)s”.") % {"code": reference}
        raise NoSuchFramework(" ".join([message, *did_you_mean(reference, known)]))
    return found


def did_you_mean(wrong: str, known: Iterable[str]) -> list[str]:
    """Return a sentence with the codes nearest to `wrong`, or nothing where none is near."""
    nearest = get_close_matches(wrong, sorted(set(known)), n=3, cutoff=0.5)
    return [_("Did you mean: %(codes)s?") % {"codes": ", ".join(nearest)}] if nearest else []


# --- Export ----------------------------------------------------------------------------------------------------------
def framework_document(framework: Framework) -> Document:
    """Return the document that `framework` was imported from, in its canonical form."""
    rows = list(framework.indicators.order_by("order", "pk"))
    children: dict[int | None, list[Indicator]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    return canonical({**framework.header, "indicators": [_entry(row, children) for row in children.get(None, [])]})


def _entry(row: Indicator, children: dict[int | None, list[Indicator]]) -> Document:
    below = [_entry(child, children) for child in children.get(row.pk, [])]
    return {**row.definition, "children": below} if below else dict(row.definition)


# --- The log ---------------------------------------------------------------------------------------------------------
def office_in_log(framework: Framework, by: User | None) -> Organisation | None:
    """Return the office whose log acts on `framework` stand in: its own, or for what serves all that of its editor."""
    if framework.organisation is not None:
        return log.office_of(framework.organisation)
    role = Role.objects.of_what_serves_all(by).select_related("organisation").first() if by else None
    return role.organisation if role else None


def _record(verb: str, framework: Framework, *, at: datetime, by: User | None, details: dict[str, Any]) -> None:
    # Commands are nobody: what they do to a framework that serves all stands in no office's log.
    if office := office_in_log(framework, by):
        log.record(verb, office=office, by=by, at=at, details={"framework": framework.reference, **details})
