"""The forms of an agreement as somebody may see them: what a page shows, a PDF holds and a print job draws."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.shortcuts import get_object_or_404

from agreements.models import Agreement, KeptState, User, Version
from agreements.services import wholes
from agreements.services.content import FormSource, form_source, source_to_sign
from reports import documents
from reports.rows.amendments import amendment_sheets
from reports.rows.dimensions import dimensions_of
from reports.rows.form_set import FormSet, form_set
from reports.rows.organisation import OrganisationSet, as_kept, organisation_set
from reports.rows.parts import part_line
from reports.rows.signatures import VerifyUrl


def versions_of(agreement: Agreement) -> list[Version]:
    """Return the versions that are printed: of each part the one that counts now."""
    found = Version.objects.current().filter(part__agreement=agreement)
    related = ("part__agreement__round__organisation", "part__agreement__organisation")
    return list(found.select_related(*related).prefetch_related("parties").order_by("part__number", "pk"))


def sets_of(
    versions: Sequence[Version], *, viewer: User, verify_url: VerifyUrl, to_sign: bool = False, kept: str = ""
) -> documents.Papers:
    """Return the forms of each part of an agreement, as `viewer` may see them.

    `to_sign` prints what is to be signed on paper, also while only the assessor may know it; `kept` the self-assessment
    of an organisation as it stood on the day on which it was kept.
    """
    read = source_to_sign if to_sign else form_source
    agreement = versions[0].part.agreement
    if agreement.person_id is None:
        return [_organisation_set(version, read(version, viewer=viewer), verify_url, kept) for version in versions]
    sets = [_form_set(version, viewer, verify_url, read) for version in versions]
    if len(sets) == 1:
        return sets
    # ปผ.1 is of the whole, ปผ.2 and ปผ.3 are a set for each part.
    whole = form_set(wholes.form_source_of_whole(agreement, viewer=viewer), verify_url=verify_url)
    return [replace(one, form_1=None if at else whole.form_1) for at, one in enumerate(sets)]


def _form_set(version: Version, viewer: User, verify_url: VerifyUrl, read: Callable[..., FormSource]) -> FormSet:
    source = read(version, viewer=viewer)
    found = form_set(source, verify_url=verify_url, amendments=amendment_sheets(version))
    return replace(found, part=part_line(version.part))


def _organisation_set(version: Version, source: FormSource, verify_url: VerifyUrl, kept: str) -> OrganisationSet:
    if kept:
        state = get_object_or_404(KeptState.objects.filter(part=version.part_id), checkpoint=kept)
        source = as_kept(source, json.loads(state.content))
    found = organisation_set(
        source,
        office=version.part.agreement.organisation.name,
        dimensions=dimensions_of(version),
        verify_url=verify_url,
        amendments=amendment_sheets(version),
    )
    return replace(found, part=part_line(version.part))
