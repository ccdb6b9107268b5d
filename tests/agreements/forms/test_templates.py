from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from agreements.exchange.documents import read_document
from agreements.exchange.shape import INDICATOR, canonical
from agreements.forms.templates import TemplateForm, typed_of
from scoring import Defaults

FIXTURES = sorted(Path(settings.BASE_DIR, "fixtures", "frameworks").glob("*.yaml"))


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def walk(entries):
    for entry in entries:
        yield entry, bool(entry.get("children"))
        yield from walk(entry.get("children", []))


def given():
    """Yield every indicator of the shipped frameworks with its framework's header."""
    for path in FIXTURES:
        document = canonical(read_document(path.read_bytes(), name=path.name))
        for entry, is_composite in walk(document["indicators"]):
            definition = {key: value for key, value in entry.items() if key != "children"}
            yield pytest.param(definition, is_composite, document, id=f"{document['code']}-{entry['code']}")


def form_of(definition, header=None, *, typed=None, is_composite=False):
    """Return the template of `definition`, with what stands in it sent as a browser would; `typed` goes over it."""
    says = {"definition": definition, "header": header or {"fiscal_year": 2556}, "defaults": Defaults()}
    shown = TemplateForm(**says, is_composite=is_composite)
    sent = typed_of(shown) | {name: [value] for name, value in (typed or {}).items()}
    return TemplateForm(MultiValueDict(sent), **says, is_composite=is_composite)


@pytest.mark.parametrize(("definition", "is_composite", "header"), list(given()))
def test_every_shipped_indicator_comes_back_from_the_template_as_it_was(definition, is_composite, header):
    form = form_of(definition, header, is_composite=is_composite)

    assert form.is_valid(), (form.errors, [table.errors for table in form.tables.values()])
    assert INDICATOR(form.definition()) == definition
