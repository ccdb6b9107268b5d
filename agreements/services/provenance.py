"""What an assessor should know of a file: where it was used before, and whether its date lies in the round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from agreements import thai
from agreements.models import Agreement, Evidence, Item, Organisation, User
from agreements.models.organisations import subtree
from agreements.services import log


def warnings_of(files: Sequence[Evidence], *, reader: User) -> dict[int, list[str]]:
    """Return what to know of each file, by its key, as far as `reader` may know it.

    Another person's agreement is named to those who see it; the others are told only that there is such a use.
    """
    if not files:
        return {}
    agreement = files[0].result.part.agreement
    office = log.office_of(agreement.organisation)
    uses = _other_uses(files, office)
    seen = set(
        Agreement.objects.visible_to(reader)
        .filter(pk__in={use.result.part.agreement_id for use in uses})
        .values_list("pk", flat=True)
    )
    codes = _codes(uses)
    return {
        file.pk: [
            *_about_date(file),
            *_about_content(file),
            *_about_uses((use for use in uses if _is_another(use, file)), agreement, seen, codes),
        ]
        for file in files
    }


def _other_uses(files: Sequence[Evidence], office: Organisation) -> list[Evidence]:
    within = subtree(office.path, field="result__part__agreement__organisation__path")
    return list(
        Evidence.objects.filter(within, stored__in={file.stored_id for file in files})
        .select_related("result__part__agreement__round", "result__part__agreement__person")
        .order_by("added_at", "pk")
    )


def _is_another(use: Evidence, file: Evidence) -> bool:
    return use.stored_id == file.stored_id and use.pk != file.pk


def _codes(uses: Iterable[Evidence]) -> dict[Any, str]:
    lineages = {use.result.lineage for use in uses}
    current = Item.objects.filter(lineage__in=lineages, version__is_current=True)
    return dict(current.values_list("lineage", "code"))


def _about_date(file: Evidence) -> list[str]:
    round_, day = file.result.part.agreement.round, file.stored.dated_on
    if day is None or round_.starts_on <= day <= round_.ends_on:
        return []
    said = _("The file says it was made on %(day)s, outside the round (%(first)s – %(last)s).")
    dates = {"day": day, "first": round_.starts_on, "last": round_.ends_on}
    return [said % {name: thai.format_date(value) for name, value in dates.items()}]


def _about_content(file: Evidence) -> list[str]:
    if file.stored.flaw:
        return [_("It could not be opened here: it may be damaged. Check that it opens on your computer.")]
    return []


def _about_uses(uses: Iterable[Evidence], agreement: Agreement, seen: set[int], codes: dict[Any, str]) -> list[str]:
    said: list[str] = []
    for use in uses:
        other = use.result.part.agreement
        gaps = {"code": codes.get(use.result.lineage, ""), "round": other.round, "person": other.subject}
        if other.pk == agreement.pk:
            said.append(_("The same file is attached to indicator %(code)s as well.") % gaps)
        elif other.pk not in seen:
            said.append(_("Somebody else in this office uses the same file."))
        elif other.person_id == agreement.person_id:
            said.append(_("The same file was used before: %(round)s, indicator %(code)s.") % gaps)
        else:
            said.append(_("%(person)s uses the same file: %(round)s, indicator %(code)s.") % gaps)
    return list(dict.fromkeys(said))
