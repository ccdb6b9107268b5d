import pytest
from django.utils import translation

from agreements.services.comparison import Entry, check_draft, compare
from tests.factories import THRESHOLDS, DraftFactory, drafted


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def framework(*indicators, **header):
    return {"format": 1, "code": "x", "title": "กรอบ", **header, "indicators": list(indicators)}


def indicator(code, title, **says):
    return {"code": code, "title": title, "criteria": THRESHOLDS, **says}


def test_what_says_the_same_has_no_changes():
    document = framework(indicator("1", "ก"))

    found = compare(document, document)

    assert (found.says_the_same, found.unchanged) == (True, 1)


def test_each_indicator_is_added_removed_changed_or_unchanged():
    before = framework(indicator("1", "ก", weight="40"), indicator("2", "ข"), indicator("3", "ค"))
    after = framework(indicator("1", "ก", weight="50", scored=False), indicator("3", "ค"), indicator("4", "ง"))

    found = compare(before, after)

    assert [one["title"] for one in found.added] == ["ง"]
    assert [one["title"] for one in found.removed] == ["ข"]
    assert [(one.code, one.entries) for one in found.changed] == [
        ("1", (Entry("Weight", "40", "50"), Entry("Counts", "–", "No")))
    ]
    assert found.unchanged == 1


def test_a_new_number_is_a_change_and_no_new_indicator():
    before = framework(indicator("1", "ก"), indicator("2", "ข"))
    after = framework(indicator("1", "ใหม่"), indicator("2", "ก"), indicator("3", "ข"))

    found = compare(before, after)

    assert [one["title"] for one in found.added] == ["ใหม่"]
    assert found.removed == ()
    assert [one.entries for one in found.changed] == [(Entry("No.", "1", "2"),), (Entry("No.", "2", "3"),)]


def test_criteria_and_dates_are_told_in_words():
    before = framework(indicator("1", "ก"))
    after = framework(
        indicator("1", "ก", criteria={"kind": "rubric", "levels": {"5": "มี"}}, lateness={"due": "2013-03-20"})
    )

    entries = compare(before, after).changed[0].entries

    assert entries == (
        Entry(
            "Criteria",
            "Kind: Five numbers\nLevels: 1: 60; 2: 70; 3: 80; 4: 90; 5: 100",
            "Kind: Described levels\nLevels: 5: มี",
        ),
        Entry("Lateness", "–", "Due: 20 มี.ค. 2556"),
    )


def test_the_header_is_compared_too():
    found = compare(framework(total_weight="100"), framework(total_weight="60"))

    assert found.header == (Entry("Total weight", "100", "60"),)


@pytest.mark.django_db
class TestCheck:
    def test_a_fault_stands_at_its_indicator(self):
        draft = DraftFactory()
        parent = drafted(draft, "1", weight="100", criteria=None)
        child = drafted(draft, "1.1", weight="100", parent=parent, assigned_units=["nowhere"])

        found = check_draft(draft)

        assert [(one.indicator, one.says) for one in found.faults] == [
            (child, "Given to: There is no “nowhere”. Allowed: a, b.")
        ]

    def test_a_slip_is_told_and_no_fault(self):
        draft = DraftFactory()
        row = drafted(draft, "1", weight="100", unit="ร้อยละ")
        row.definition["criteria"] = {"kind": "thresholds", "levels": {str(n): str(n) for n in range(1, 6)}}
        row.save()

        found = check_draft(draft)

        assert (found.faults, [one.indicator for one in found.warnings]) == ((), [row])

    def test_a_draft_without_indicators_is_not_ready(self):
        assert check_draft(DraftFactory()).faults[0].says == "There are no indicators yet."

    def test_a_date_of_another_year_is_told(self):
        draft = DraftFactory(fiscal_year=2557)
        row = drafted(draft, "1", weight="100", lateness={"due": "2013-03-20", "per_working_day": "0.25"})

        found = check_draft(draft)

        assert [(one.indicator, one.says) for one in found.warnings] == [
            (row, "The date 20 มี.ค. 2556 does not lie in fiscal year 2557.")
        ]
