"""Forms that save by themselves: they say when, never overwrite what was not seen, and lose nothing that was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.datastructures import MultiValueDict

from agreements import clock
from agreements.models import Agreement
from agreements.services import log
from agreements.views.requests import UserRequest

SEEN = "seen"
PICK = "pick."
THEIRS = "theirs"
Form = Any  # a form, or a set of them: their types cannot be subscribed when this runs
View = Callable[..., HttpResponse]


# --- What is kept, and what was sent ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Fault:
    """Why something was not saved, and the id of the field that it is about, where it is about one."""

    says: str
    at: str = ""


class Typing:
    """The forms of a page as they are kept and as they were sent, and whether that goes over something unseen."""

    def __init__(self, request: UserRequest, make: Callable[[Any], Iterable[Form]], read: Callable[[], object]) -> None:
        self._request, self._read = request, read
        self._kept = tuple(make(None))
        self.sent: MultiValueDict[str, Any] | None = self._chosen() if request.method == "POST" else None
        self.forms = self._kept if self.sent is None else tuple(make(self.sent))
        # What else of the page says something else once this is saved: travels beside the line.
        self.beside: Callable[[], str] | None = None
        # save_by_itself answers the script from it.
        request.typing = self  # type: ignore[attr-defined]

    @property
    def seen(self) -> str:
        """What is kept now, as a short hash: the page sends it back, to say what it has seen."""
        return log.digest(log.canonical(self._read()))[:16]

    @property
    def shown(self) -> str:
        """What the page had seen when it was sent; what is kept now, where it does not say."""
        return str(self.sent[SEEN]) if self.sent is not None and SEEN in self.sent else self.seen

    @property
    def goes_over_unseen(self) -> bool:
        """Whether somebody wrote since the page was shown, and wrote something else than what was sent."""
        if self.sent is None or SEEN not in self.sent or self.sent[SEEN] == self.seen:
            return False
        return bool(self._differing())

    def conflict(self) -> HttpResponse:
        """Answer with mine and theirs side by side; to the script, that there is something to look at."""
        shown = self.shown
        if self._request.htmx:
            return render(self._request, "agreements/_typing_saved.html", {"changed": True, SEEN: shown}, status=422)
        theirs, labels = values_of(self._kept), self._labels()
        differences = [
            {
                "name": PICK + name,
                "label": labels[name][0],
                "mine": labels[name][1](self._sent_values(name)),
                "theirs": labels[name][1](theirs.get(name, [])),
            }
            for name in self._differing()
        ]
        kept = [(name, value) for name, values in self._plain_sent().items() for value in values]
        context = {"differences": differences, "kept": kept, SEEN: self.seen}
        return render(self._request, "agreements/typing_conflict.html", context, status=409)

    def errors(self) -> list[Fault]:
        """Return what is wrong with what was sent, each with the name of its field and where that stands."""
        found: list[Fault] = []
        for form in _plain_forms(self.forms):
            for name, said in form.errors.items():
                field = form[name] if name in form.fields else None
                label, at = (field.label, field.id_for_label or field.auto_id) if field else ("", "")
                found += [Fault(f"{label}: {one}" if label else str(one), str(at)) for one in said]
        return list(dict.fromkeys(found))

    def _chosen(self) -> MultiValueDict[str, Any]:
        """Return what was sent, with theirs wherever they were chosen on the page of both."""
        sent: MultiValueDict[str, Any] = MultiValueDict(self._request.POST.lists())
        theirs = values_of(self._kept)
        for name in list(sent):
            if name.startswith(PICK) and sent[name] == THEIRS:
                sent.setlist(name.removeprefix(PICK), theirs.get(name.removeprefix(PICK), []))
        return sent

    def _plain_sent(self) -> dict[str, list[str]]:
        sent = self.sent or MultiValueDict()
        ours = {SEEN, "csrfmiddlewaretoken"}
        return {name: values for name, values in sent.lists() if name not in ours and not name.startswith(PICK)}

    def _sent_values(self, name: str) -> list[str]:
        return [value for value in (self.sent or MultiValueDict()).getlist(name) if value != ""]

    def _labels(self) -> dict[str, tuple[str, Callable[[Sequence[str]], list[str]]]]:
        found = {}
        for form in _plain_forms((*self._kept, *self.forms)):
            for field in form:
                if not field.is_hidden:
                    found[field.html_name] = (str(field.label), _reader_of(field))
        return found

    def _differing(self) -> list[str]:
        theirs = values_of(self._kept)
        return [name for name in self._labels() if self._sent_values(name) != theirs.get(name, [])]


def values_of(kept: Iterable[Form]) -> dict[str, list[str]]:
    """Return what stands in the fields of `kept`, by the names under which it is sent; nothing of empty ones."""
    return {field.html_name: _texts(field) for form in _plain_forms(kept) for field in form}


def _plain_forms(found: Iterable[Form]) -> list[forms.BaseForm]:
    plain: list[forms.BaseForm] = []
    for form in found:
        plain += [form.management_form, *form.forms] if isinstance(form, forms.BaseFormSet) else [form]
    return plain


def _texts(field: forms.BoundField) -> list[str]:
    value = field.value()
    if isinstance(field.field.widget, forms.CheckboxInput):
        return ["on"] if field.field.widget.check_test(value) else []
    values = value if isinstance(value, list | tuple) else [value]
    return [str(one).replace("\n", "\r\n") for one in values if one is not None and one != ""]


def _reader_of(field: forms.BoundField) -> Callable[[Sequence[str]], list[str]]:
    choices = {str(value): str(label) for value, label in getattr(field.field, "choices", ())}
    return lambda values: [choices.get(value, value) for value in values]


# --- Saving by itself ------------------------------------------------------------------------------------------------
def one_at_a_time(view: View) -> View:
    """Let one write to an agreement at a time: of two tabs that save at once, one sees what the other wrote."""

    @wraps(view)
    def waits(request: UserRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, pk, *args, **kwargs)
        with transaction.atomic():
            Agreement.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            return view(request, pk, *args, **kwargs)

    return waits


def saves_by_itself(view: View) -> View:
    """Let one write at a time, and answer the script of a form in a line instead of a page."""
    waits = one_at_a_time(view)

    @wraps(view)
    def answered(request: UserRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponse:
        response = waits(request, pk, *args, **kwargs)
        return _in_a_line(request, response) if request.method == "POST" and request.htmx else response

    return answered


def answered_in_a_line(view: View) -> View:
    """Answer the script of a form in a line instead of a page; the view itself lets one write at a time."""

    @wraps(view)
    def answered(request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        return _in_a_line(request, response) if request.method == "POST" and request.htmx else response

    return answered


def _in_a_line(request: UserRequest, response: HttpResponse) -> HttpResponse:
    typing: Typing | None = getattr(request, "typing", None)
    if typing is None or response.status_code not in {200, 302}:
        return response
    # Said in the line; they would else turn up on the next page.
    said = [str(message) for message in messages.get_messages(request) if message.level >= messages.ERROR]
    if response.status_code == 302 and not said:
        context: dict[str, Any] = {"saved_at": clock.now(), SEEN: typing.seen}
        answer = render(request, "agreements/_typing_saved.html", context)
        if typing.beside:
            answer.write(typing.beside())
        return answer
    context = {"errors": [*map(Fault, said), *typing.errors()], SEEN: typing.shown}
    return render(request, "agreements/_typing_saved.html", context, status=422)


# --- The session ended meanwhile -------------------------------------------------------------------------------------
def say_that_the_session_ended(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a script 401 where a page would be led to the sign-in page: that must not land in the middle of a page."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        led_away = response.status_code == 302 and response["Location"].startswith(resolve_url(settings.LOGIN_URL))
        if led_away and request.headers.get("HX-Request") == "true":
            return HttpResponse(status=401)
        return response

    return answer
