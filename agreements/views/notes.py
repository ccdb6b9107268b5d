"""Notes on work and behaviour: the assessor's pages, and what the assessee reads and answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agreements import actions, clock
from agreements.forms.notes import AnswerForm, NoteForm
from agreements.models import Capacity, Item, Note, Version
from agreements.predicates import is_assessee, place_of
from agreements.services import notes as services
from agreements.views.requests import UserRequest, attempt, demand_who, posted, version_or_404


@require_http_methods(["GET", "POST"])
def notes(request: UserRequest, pk: int) -> HttpResponse:
    """Show the notes that the reader may read; the assessor writes a further one."""
    version = version_or_404(request, pk)
    _demand_party(version, request)
    if request.method == "POST":
        demand_who(actions.NOTE, version, request.user)
    form = _form(request, version) if actions.NOTE in actions.allowed(version, request.user) else None
    if form and form.is_valid():
        remark = form.remark()
        if attempt(
            request,
            lambda: services.write(version, remark, by=request.user, at=clock.now()),
            said=_("The note is kept. Only you can read it."),
        ):
            return redirect("agreements:notes", pk=version.part.agreement.pk)
    return _page(request, version, form=form)


def _demand_party(version: Version, request: UserRequest) -> None:
    """Answer 403 to those who see the agreement and are no party to it: HR and auditors read no notes.

    :raises NotAllowed: if the reader takes no part, in no part of the agreement.
    """
    own = any(place_of(request.user, version, capacity) for capacity in Capacity)
    if not own and not services.takes_part(version, request.user):
        raise actions.NotAllowed


def _form(request: UserRequest, version: Version, note: Note | None = None) -> NoteForm:
    return NoteForm(
        posted(request),
        items=version.items.order_by("order", "pk"),
        competencies=version.competencies.exclude(name="").order_by("order"),
        today=clock.today(),
        note=note,
    )


def _page(
    request: UserRequest, version: Version, *, form: NoteForm | None, answering: tuple[int, AnswerForm] | None = None
) -> HttpResponse:
    shown = told(version, services.notes_for(version, request.user), request)
    for row in shown:
        if answering and answering[0] == row["note"].pk:
            row["form"] = answering[1]
    context = {
        "version": version,
        "agreement": version.part.agreement,
        "notes": shown,
        "form": form,
        "is_assessee": is_assessee(request.user, version),
        "may_write": actions.NOTE.who(request.user, version),
        "often": services.OFTEN.days,
    }
    return render(request, "agreements/notes.html", context)


def told(version: Version, found: Iterable[Note], request: UserRequest) -> list[dict[str, Any]]:
    """Return notes with what they are about in words, and what the reader may do with each."""
    items = {item.lineage: item for item in version.items.all()}
    competencies = {row.order: row for row in version.competencies.all()}
    place = place_of(request.user, version, Capacity.ASSESSOR)
    is_open = actions.is_due(actions.NOTE, version)
    answers = is_assessee(request.user, version)
    return [
        {
            "note": note,
            "item": items.get(note.about_item) if note.about_item else None,
            "competency": competencies.get(note.about_competency) if note.about_competency is not None else None,
            "is_mine": is_open
            and note.shared_at is None
            and place is not None
            and place.user_id == note.owner_id
            and note.part_id == version.part_id,
            "form": AnswerForm(initial={"answer": note.answer}, auto_id=f"note-{note.pk}-%s") if answers else None,
        }
        for note in found
    ]


def about_item(version: Version, item: Item, request: UserRequest) -> list[dict[str, Any]]:
    """Return the notes about `item`, to be shown where it is scored."""
    found = services.notes_for(version, request.user)
    return told(version, [note for note in found if note.about_item == item.lineage], request)


def about_behaviour(version: Version, request: UserRequest) -> list[dict[str, Any]]:
    """Return the notes about a competency or about work and behaviour at large, to be shown beside the competencies."""
    found = services.notes_for(version, request.user)
    return told(version, [note for note in found if note.about_item is None], request)


@require_http_methods(["GET", "POST"])
def rewrite(request: UserRequest, pk: int, note: int) -> HttpResponse:
    """Change a note that is still private."""
    version = version_or_404(request, pk)
    found = _note_or_404(request, version, note)
    demand_who(actions.NOTE, version, request.user)
    form = _form(request, version, found)
    if form.is_valid():
        remark = form.remark()
        if attempt(
            request,
            lambda: services.rewrite(found, version, remark, by=request.user, at=clock.now()),
            said=_("The note is changed."),
        ):
            return redirect("agreements:notes", pk=version.part.agreement.pk)
    context = {"version": version, "agreement": version.part.agreement, "form": form, "note": found}
    return render(request, "agreements/note.html", context)


@require_POST
def remove(request: UserRequest, pk: int, note: int) -> HttpResponse:
    """Take away a note that is still private."""
    version = version_or_404(request, pk)
    found = _note_or_404(request, version, note)
    demand_who(actions.NOTE, version, request.user)
    attempt(request, lambda: services.remove(found, version, by=request.user), said=_("The note is taken away."))
    return redirect("agreements:notes", pk=version.part.agreement.pk)


@require_http_methods(["GET", "POST"])
def share(request: UserRequest, pk: int, note: int) -> HttpResponse:
    """Ask whether a note is to be shared, since that is final; POST shares it."""
    version = version_or_404(request, pk)
    found = _note_or_404(request, version, note)
    demand_who(actions.NOTE, version, request.user)
    if request.method == "POST":
        attempt(
            request,
            lambda: services.share(found, version, by=request.user, at=clock.now()),
            said=_("The note is shared. The assessee can read and answer it."),
        )
        return redirect("agreements:notes", pk=version.part.agreement.pk)
    (row,) = told(version, [found], request)
    context = {"version": version, "agreement": version.part.agreement, "row": row}
    return render(request, "agreements/note_share.html", context)


@require_POST
def answer(request: UserRequest, pk: int, note: int) -> HttpResponse:
    """Keep what the assessee says to a shared note."""
    version = version_or_404(request, pk)
    found = _note_or_404(request, version, note)
    if not is_assessee(request.user, version):
        raise actions.NotAllowed
    form = AnswerForm(request.POST, auto_id=f"note-{found.pk}-%s")
    if form.is_valid() and attempt(
        request,
        lambda: services.answer(found, version, form.cleaned_data["answer"], by=request.user, at=clock.now()),
        said=_("Your answer is kept. The assessor can read it."),
    ):
        return redirect("agreements:notes", pk=version.part.agreement.pk)
    return _page(request, version, form=None, answering=(found.pk, form))


def _note_or_404(request: UserRequest, version: Version, pk: int) -> Note:
    """Return the note that the reader may read."""
    notes = Note.objects.visible_to(request.user).filter(part__agreement=version.part.agreement_id)
    return get_object_or_404(notes.select_related("author", "owner", "part"), pk=pk)
