"""What is said of a file: that it was used before, and that its date lies outside the round."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from agreements.models import Evidence, State
from agreements.models.agreements import AgreementQuerySet
from agreements.services import agreements, evidence, provenance
from tests import files
from tests.factories import NOON, FrameworkFactory, IndicatorFactory, RoundFactory
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def place():
    return bring_to(office(indicators=2), State.AGREED)


def attach(place, content=b"same", *, item=0):
    chosen = place.version.items.order_by("order")[item]
    upload = SimpleUploadedFile("รายงาน.txt", content)
    return evidence.attach(place.version, chosen, upload, note="", by=place.assessee, at=NOON)


def said(file, reader):
    return provenance.warnings_of([Evidence.objects.get(pk=file.pk)], reader=reader)[file.pk]


def next_round(place):
    """Return the same person in the round after."""
    later = RoundFactory(organisation=place.province, number=2)
    framework = FrameworkFactory(organisation=place.province, round_number=2)
    given = IndicatorFactory(
        framework=framework, definition=IndicatorFactory.definition.function() | {"assigned_units": ["general"]}
    )
    agreement = agreements.open_agreement(later, place.posting, by=place.assessee, at=NOON)
    return bring_to(replace(place, round=later, indicators=[given], agreement=agreement), State.AGREED)


# --- Used before -----------------------------------------------------------------------------------------------------
def test_a_file_used_nowhere_else_says_nothing(place):
    assert said(attach(place), place.assessee) == []


def test_another_indicator_of_the_same_agreement_is_named(place):
    attach(place)
    other = place.version.items.order_by("order")[0].code

    assert said(attach(place, item=1), place.assessor) == [f"The same file is attached to indicator {other} as well."]


def test_an_earlier_round_is_named(place):
    attach(place)
    code = place.version.items.order_by("order")[0].code

    assert said(attach(next_round(place)), place.assessor) == [
        f"The same file was used before: {place.round}, indicator {code}."
    ]


def test_a_colleague_is_named_to_who_sees_both_and_to_nobody_else(place):
    other = bring_to(colleague(place), State.AGREED)
    attach(other)
    code = other.version.items.order_by("order")[0].code
    file = attach(place)

    named = f"{other.assessee} uses the same file: {other.round}, indicator {code}."
    assert [said(file, reader) for reader in (place.assessor, place.hr)] == [[named], [named]]
    assert said(file, place.assessee) == ["Somebody else in this office uses the same file."]


def test_control_without_visible_to_the_colleague_would_be_named(place, monkeypatch):
    other = bring_to(colleague(place), State.AGREED)
    attach(other)
    file = attach(place)
    monkeypatch.setattr(AgreementQuerySet, "visible_to", lambda self, user: self)

    assert str(other.assessee) in said(file, place.assessee)[0]


def test_another_office_is_never_mentioned(place):
    attach(bring_to(office(), State.AGREED))

    assert said(attach(place), place.hr) == []


# --- Its own date ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "warns"),
    [("2012-09-30", True), ("2012-10-01", False), ("2013-03-31", False), ("2013-04-01", True), (None, False)],
)
def test_a_date_outside_the_round_is_said(place, day, warns):
    assert (place.round.starts_on, place.round.ends_on) == (date(2012, 10, 1), date(2013, 3, 31))

    found = said(attach(place, files.office(modified=day)), place.assessor)

    assert [line.partition(" on ")[0] for line in found] == (["The file says it was made"] if warns else [])


def test_the_date_of_a_photograph_counts(place):
    found = said(attach(place, files.picture("JPEG", taken="2010:02:03 10:00:00")), place.assessor)

    assert found == ["The file says it was made on 3 ก.พ. 2553, outside the round (1 ต.ค. 2555 – 31 มี.ค. 2556)."]


def test_a_file_that_does_not_open_here_says_so(place):
    found = said(attach(place, b"%PDF-1.4 and nothing more"), place.assessor)

    assert found == ["It could not be opened here: it may be damaged. Check that it opens on your computer."]


# --- Cost ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 3])
def test_the_questions_do_not_grow_with_the_files(place, django_assert_num_queries, count):
    other = bring_to(colleague(place), State.AGREED)
    for number in range(count):
        attach(other, b"%d" % number)
        attach(place, b"%d" % number)
    kept = list(
        Evidence.objects.filter(result__part__agreement=place.agreement).select_related(
            "stored", "result__part__agreement__round", "result__part__agreement__organisation"
        )
    )

    with django_assert_num_queries(QUERIES):
        found = provenance.warnings_of(kept, reader=place.assessor)

    assert list(found.values()) == [found[kept[0].pk]] * count


QUERIES = 5
