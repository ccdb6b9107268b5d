"""The list of people as a file: downloaded, uploaded, looked at, taken, or given back with its faults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agreements import clock, thai
from agreements.exchange.people import BY_KEY, PeopleFile, read_people, write_csv
from agreements.exchange.people_writing import Line, write_workbook
from agreements.exchange.workbook.guard import MAX_BYTES, NotOpened
from agreements.forms.people_list import PeopleFileForm
from agreements.models import Organisation, Posting, User
from agreements.services import staff_list
from agreements.services.staff_rows import GROUPS
from agreements.views.people import LEVELS, hr_or_404
from agreements.views.requests import UserRequest, posted

# Kept in the reader's session between looking and taking.
KEPT = "people_list"
# Of each kind, on the page; all are counted, and all are taken.
MOST_SHOWN = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# --- Out -------------------------------------------------------------------------------------------------------------
@require_safe
@never_cache
def download_people(request: UserRequest) -> HttpResponse:
    """Send the present list, as a workbook or as CSV; in a new office it is the template."""
    hr = hr_or_404(request)
    rows = staff_list.present_rows(hr, day=clock.today())
    day = thai.format_date(clock.today())
    if request.GET.get("format") == "csv":
        return _file(write_csv(rows), name=f"บุคลากร {day}.csv", content_type="text/csv; charset=utf-8")
    lines = [Line(texts=row) for row in rows]
    return _file(write_workbook(lines, choices=_choices(hr)), name=f"บุคลากร {day}.xlsx", content_type=XLSX)


def _choices(hr: User) -> dict[str, Sequence[str]]:
    """Return what the drop-down lists of the workbook offer."""
    units = Organisation.objects.managed_by(hr).order_by("path")
    held = Posting.objects.visible_to(hr).not_over_on(clock.today()).values("user")
    assessors = User.objects.filter(pk__in=held).in_thai_order()
    return {
        "unit": [staff_list.unit_label(unit) for unit in units],
        "position_type": Posting.PositionType.values,
        "level": LEVELS,
        "personnel_group": list(GROUPS.values()),
        "is_acting": ["ใช่"],
        "assessor": [staff_list.person_label(person) for person in assessors],
    }


def _file(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})


# --- In --------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def upload_people(request: UserRequest) -> HttpResponse:
    """Read an uploaded list and go on to what it would change."""
    hr_or_404(request)
    form = PeopleFileForm(posted(request), request.FILES if request.method == "POST" else None)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            # One byte more than is allowed is enough to know.
            file = read_people(upload.read(MAX_BYTES + 1))
        except NotOpened as refusal:
            form.add_error("file", str(refusal))
        else:
            request.session[KEPT] = file.as_data() | {"name": thai.normalise(upload.name or "")[-200:]}
            return redirect("agreements:check-people")
    return render(request, "agreements/people_upload.html", {"form": form, "columns": BY_KEY.values()})


@require_http_methods(["GET", "POST"])
def check_people(request: UserRequest) -> HttpResponse:
    """Show what the uploaded list would change; a POST takes it, all or nothing."""
    hr = hr_or_404(request)
    kept = request.session.get(KEPT)
    if kept is None:
        return redirect("agreements:upload-people")
    file = PeopleFile.from_data(kept)
    if request.method == "POST":
        return _take(request, file, hr)
    planned = staff_list.plan(file, by=hr, day=clock.today())
    shown = {kind: _shown(planned.of(kind), file) for kind in ("faulty", "changed", "new")}
    context = {"plan": planned, "name": kept["name"], "remarks": file.remarks, "most": MOST_SHOWN} | shown
    return render(request, "agreements/people_check.html", context | {"counts": dict(planned.counts)})


def _take(request: UserRequest, file: PeopleFile, hr: User) -> HttpResponse:
    try:
        counts = staff_list.take(file, by=hr, shown=request.POST.get("shown", ""), at=clock.now(), day=clock.today())
    except staff_list.ListRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:check-people")
    del request.session[KEPT]
    said = _("The list was taken: %(new)s new rows, %(changed)s changed, %(unchanged)s as they were.")
    messages.success(request, said % {kind: counts[kind] for kind in ("new", "changed", "unchanged")})
    return redirect("agreements:people")


def _shown(entries: list[staff_list.Entry], file: PeopleFile) -> list[dict[str, Any]]:
    """Return entries as the page shows them: cells by their addresses, columns by their headings."""
    return [
        {
            "entry": entry,
            "row": entry.read.as_row(),
            "changes": [(BY_KEY[change.key].heading, change) for change in entry.changes],
            "faults": [
                (file.cell(entry.read.row, fault.key), BY_KEY[fault.key].heading, fault.message)
                for fault in entry.faults
            ],
        }
        for entry in entries[:MOST_SHOWN]
    ]


@require_safe
@never_cache
def faulty_people(request: UserRequest) -> HttpResponse:
    """Send the uploaded list back with its faults beside the rows."""
    hr = hr_or_404(request)
    kept = request.session.get(KEPT)
    if kept is None:
        return redirect("agreements:upload-people")
    planned = staff_list.plan(PeopleFile.from_data(kept), by=hr, day=clock.today())
    lines = []
    for entry in planned.entries:
        faults: dict[str, list[str]] = {}
        for fault in entry.faults:
            faults.setdefault(fault.key, []).append(fault.message)
        lines.append(Line(texts=entry.read.row.texts, faults=faults))
    return _file(write_workbook(lines, choices=_choices(hr)), name="บุคลากร ข้อผิดพลาด.xlsx", content_type=XLSX)
