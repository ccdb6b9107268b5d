"""Choosing one of very many: where a list would be too long to read, the one is found by words.

It works as a plain form: words that find exactly one choose it, words that find several are answered with these to
choose from. Where there are few, it is the usual list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from agreements import thai

#: As many as somebody reads through.
MOST = 60


class Sent(str):
    """What was chosen in the list, with the words beside it and those by which the list was found."""

    __slots__ = ("sought", "words")

    words: str
    sought: str


class FindSelect(forms.Select):
    """A list, with words to find by where it is too long."""

    field: FoundField

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        chosen = super().value_from_datadict(data, files, name)
        words, sought = (thai.normalise(str(data.get(f"{name}-{part}", ""))) for part in ("words", "sought"))
        if not words:
            return chosen
        sent = Sent(chosen or "")
        sent.words, sent.sought = words[:200], sought
        return sent

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}-words" not in data

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        self.choices = self.field.shown([one for one in value if one.isdecimal()])
        return super().optgroups(name, value, attrs)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        listed = super().render(name, value, attrs, renderer)
        if not self.field.is_long:
            return listed
        sought = self.field.words if len(self.field.found) > 1 else ""
        return format_html(
            '{}<input type="search" class="form-control mt-2" name="{}-words" value="{}" maxlength="200"'
            ' autocomplete="off" placeholder="{}" aria-label="{}"><input type="hidden" name="{}-sought" value="{}">',
            listed,
            name,
            self.field.words,
            self.field.hint(),
            gettext("%(field)s: %(hint)s") % {"field": self.field.label, "hint": self.field.hint()},
            name,
            sought,
        )


class FoundField(forms.ModelChoiceField):  # type: ignore[type-arg]  # has none at run time
    """One of the rows of a queryset, from a list or found by words."""

    widget = FindSelect

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._begin()

    def _begin(self) -> None:
        self.words, self.is_long = "", False
        self.found: Sequence[Model] = ()
        cast(FindSelect, self.widget).field = self

    def __deepcopy__(self, memo: Any) -> Any:
        result = super().__deepcopy__(memo)
        # Each form has its own: what one found is not shown by another.
        result._begin()  # noqa: SLF001  of the same class
        return result

    def matching(self, words: str) -> QuerySet[Any]:
        """Return the rows found by `words`."""
        raise NotImplementedError

    def hint(self) -> str:
        """Return what to write."""
        raise NotImplementedError

    def found_label(self, row: Any) -> str:
        """Return how a row reads that stands by itself, without those around it."""
        return self.label_from_instance(row)

    def clean(self, value: Any) -> Any:
        if not isinstance(value, Sent):
            return super().clean(value)
        self.words = value.words
        self.found = list(self.matching(value.words)[: MOST + 1])
        if value.sought == value.words and value:
            return super().clean(str(value))
        return self._the_one()

    def _the_one(self) -> Any:
        """Return what the words found.

        :raises ValidationError: if that is not exactly one.
        """
        said = {"words": self.words}
        if not self.found:
            raise ValidationError(gettext("Nothing is found by “%(words)s”.") % said, code="none")
        if len(self.found) > MOST:
            self.found = ()
            raise ValidationError(gettext("Too many are found by “%(words)s”. Write more.") % said, code="many")
        if len(self.found) > 1:
            raise ValidationError(gettext("Several are found by “%(words)s”. Choose one.") % said, code="several")
        return self.found[0]

    def shown(self, chosen: Sequence[str]) -> list[tuple[Any, str]]:
        """Return what the list offers: all where they are few, else those found, and the one chosen."""
        rows = self._few(chosen)
        label = self.found_label if self.is_long else self.label_from_instance
        empty = [] if self.empty_label is None else [("", str(self.empty_label))]
        return [*empty, *((self.prepare_value(row), label(row)) for row in rows)]

    def _few(self, chosen: Sequence[str]) -> list[Model]:
        queryset = cast(QuerySet[Any], self.queryset)
        # One question: as many as can be read and one more, and the one that is chosen.
        first = queryset.values("pk")[: MOST + 1]
        rows = list(queryset.filter(Q(pk__in=first) | Q(pk__in=[int(one) for one in chosen])))
        self.is_long = len(rows) > MOST
        if not self.is_long:
            return rows
        there = {str(row.pk) for row in self.found}
        return [*self.found, *(row for row in rows if str(row.pk) in chosen and str(row.pk) not in there)]
