"""Printing the forms of many agreements in the background: as one PDF in the order of the board, or as a ZIP."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _, gettext_lazy

from agreements import thai
from agreements.models import Agreement, Job, Round, User, Version
from agreements.services import job_files, jobs, readings
from reports import documents
from reports.binding import PdfBinder, ZipWriter, safe_name
from reports.drawers import NotDrawn, draw_all
from reports.drawing import Drawn, body_of, drawn_before

Bound = Literal["pdf", "zip"]

# Agreements asked for at once in one question, and forms bound between two signs of life.
CHUNK = 500
BETWEEN_SIGNS = 20


class NotAllInView(PermissionDenied):
    """The file holds an agreement that who asked for it may not see any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which forms are printed, and how."""

    forms: Sequence[str]
    digits: documents.Digits
    bound: Bound
    pdf_a: bool
    # How the portal was reached by who asks: there the codes on the paper lead. KPI_PUBLIC_URL where it is not told.
    address: str = ""


def begin(
    round_: Round, agreements: Sequence[int], order: Order, *, by: User, at: datetime, now: datetime
) -> tuple[Job, bool]:
    """Ask for the forms of `agreements` in this order; return the job, and whether it is to be handed over.

    Pressed twice, it is one job. Whoever calls it looked whether `by` may see them; it is looked again when they are
    drawn and when the file is fetched.

    :raises JobRefused: if there are no agreements.
    """
    if not agreements:
        raise jobs.JobRefused(_("Nothing is chosen. Tick at least one agreement."))
    told = asdict(order) | {"forms": list(order.forms), "agreements": list(agreements)}
    return jobs.ask_once(PRINT_FORMS, about=round_.organisation, round_=round_, order=told, by=by, at=at, now=now)


# --- Doing it --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The finished file in the storage, and which agreements are in it."""

    made: job_files.LaidDown
    agreements: Sequence[int]
    pages: int
    # How many an earlier attempt had drawn.
    drawn_before: int


def in_view(user: User, keys: Sequence[int]) -> set[int]:
    """Return those of the agreements `keys` that `user` may see now."""
    seen: set[int] = set()
    for chunk in jobs.in_chunks(keys, CHUNK):
        seen.update(Agreement.objects.visible_to(user).filter(pk__in=chunk).values_list("pk", flat=True))
    return seen


def _prepare(job: Job, at: datetime, progress: jobs.Progress) -> Prepared:
    asked: list[int] = job.order["agreements"]
    seen = in_view(job.asked_by, asked)
    keys = [key for key in asked if key in seen]
    # What a worker drew that was killed since is not drawn again.
    drawn = {one.agreement: one for one in drawn_before(job) if one.agreement in seen}
    before = done = len(drawn)
    progress.say(done, len(keys))
    try:
        for key, one in draw_all(job, [key for key in keys if key not in drawn], at=at):
            if one is not None:
                drawn[key] = one
            done += 1
            progress.say(done, len(keys))
    except NotDrawn as fault:
        raise jobs.JobRefused(_could_not(fault.key)) from fault
    kept = [drawn[key] for key in keys if key in drawn]
    if not kept:
        raise jobs.JobRefused(_("You may not see any of these agreements any more; nothing is printed."))
    made, pages = _bind(job, kept, progress)
    return Prepared(made=made, agreements=[one.agreement for one in kept], pages=pages, drawn_before=before)


def _could_not(key: int) -> str:
    return _(
        "The forms of %(name)s could not be drawn. Whoever runs the portal finds why in its log; the others can be"
        " printed without."
    ) % {"name": _names([key])[key]}


def _bind(job: Job, drawn: Sequence[Drawn], progress: jobs.Progress) -> tuple[job_files.LaidDown, int]:
    """Bind what was drawn; return the file, and its pages where it is one PDF."""
    with tempfile.TemporaryDirectory(prefix="kpi-print-") as scratch:
        made = Path(scratch) / "bound"
        with made.open("wb") as file:
            binder = _binder(job, cast("BinaryIO", file), len(drawn))
            at = 0
            for chunk in jobs.in_chunks((one.agreement for one in drawn), BETWEEN_SIGNS):
                names = _names(chunk)
                for key in chunk:
                    binder.add(body_of(drawn[at]), names[key])
                    at += 1
                progress.say(len(drawn), len(drawn))
            binder.close()
        return job_files.lay_down(job, made), getattr(binder, "pages", 0)


def _binder(job: Job, file: BinaryIO, count: int) -> PdfBinder | ZipWriter:
    if job.order["bound"] == "zip":
        return ZipWriter(file, of=count)
    return PdfBinder(file, title_of(job), pdf_a=job.order["pdf_a"])


def names_of(keys: Sequence[int]) -> list[str]:
    """Return whose the agreements `keys` are, in their order."""
    found = _names(keys)
    return [found[key] for key in keys]


def _names(keys: Sequence[int]) -> Mapping[int, str]:
    found = Agreement.objects.filter(pk__in=keys).select_related("person", "organisation")
    return {one.pk: one.person.full_name if one.person else one.organisation.name for one in found}


def title_of(job: Job) -> str:
    """Return what the printed document is called."""
    round_ = job.round
    known = documents.forms_of_round(round_) if round_ else {}
    forms = " ".join(known[one] for one in job.order["forms"] if one in known)
    told = ""
    if round_ is not None:
        told = f"รอบที่ {round_.number}-{round_.fiscal_year}" if round_.number else f"ปีงบประมาณ {round_.fiscal_year}"
    return " ".join(filter(None, [forms, told, job.organisation.short_name or job.organisation.name]))


def _complete(job: Job, at: datetime, prepared: Prepared) -> Mapping[str, Any]:
    is_zip = job.order["bound"] == "zip"
    day = thai.format_date(at.astimezone(thai.THAI_TIME).date())
    ending, kind = ("zip", "application/zip") if is_zip else ("pdf", "application/pdf")
    name = f"{safe_name(f'{title_of(job)} {day}')}.{ending}"
    kept = job_files.keep(job, prepared.made, name=name, content_type=kind, at=at)
    return {
        "agreements": list(prepared.agreements),
        "printed": len(prepared.agreements),
        "left_out": len(job.order["agreements"]) - len(prepared.agreements),
        "pages": prepared.pages,
        "drawn_before": prepared.drawn_before,
        "size": kept.size,
    }


# --- Fetching it -----------------------------------------------------------------------------------------------------
def _fetch(job: Job, at: datetime) -> None:
    """Refuse unless who asked may still see everything in the file; log that it is read.

    :raises NotAllInView: if an agreement in it may not be seen any more.
    """
    keys = job.outcome["agreements"]
    if len(in_view(job.asked_by, keys)) < len(keys):
        raise NotAllInView(
            _("The file holds agreements that you may not see any more, and is not given out. Print the others anew.")
        )
    for chunk in jobs.in_chunks(keys, CHUNK):
        current = Version.objects.current().filter(part__agreement__in=chunk)
        versions = current.select_related("part__agreement__organisation").order_by("part__agreement", "part__number")
        readings.log_reading(list(versions), page="job-file", by=job.asked_by, at=at, as_list=True)


PRINT_FORMS = jobs.Kind(
    code="print_forms",
    label=gettext_lazy("Printing forms"),
    prepare=_prepare,
    complete=_complete,
    fetch=_fetch,
)
