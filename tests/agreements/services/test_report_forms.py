from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import translation

from agreements.exchange.documents import read_document
from agreements.models import Event, ReportForm
from agreements.services import report_forms
from tests.factories import NOON, OrganisationFactory
from tests.guards import lifted

pytestmark = pytest.mark.django_db
FORMS = Path(settings.BASE_DIR, "fixtures", "report_forms")
CENTRES = FORMS / "centres-monthly.yaml"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def document(path=CENTRES, **changes):
    return read_document(path.read_bytes(), name=path.name) | changes


def lay_down(place, given=None):
    return report_forms.lay_down(given or document(), organisation=place, by=None, at=NOON)


def test_a_form_is_kept_as_its_document_says_and_logged():
    place = OrganisationFactory()

    form, is_new = lay_down(place)

    form.refresh_from_db()
    as_json = document() | {"reported_by": {"kinds": ["province"], "from": "2018-01-01"}}
    assert (str(form), is_new, form.definition) == ("centres-monthly@1", True, as_json)
    event = Event.objects.get()
    assert (event.verb, event.text.details) == (
        "report_form.laid_down",
        {"report_form": "centres-monthly@1", "organisation": place.code},
    )


def test_dates_are_kept_as_iso_text():
    form, _is_new = lay_down(OrganisationFactory(), document(FORMS / "chonburi-2556-4.yaml"))

    assert form.definition["due"] == {"date": date(2013, 3, 20).isoformat(), "closes": "2013-03-26"}


def test_the_same_form_is_unchanged_and_another_is_the_next_version():
    place = OrganisationFactory()
    first, _is_new = lay_down(place)

    assert lay_down(place) == (first, False)
    second, is_new = lay_down(place, document(title="แบบใหม่"))

    first.refresh_from_db()
    assert (str(second), is_new, first.title) == ("centres-monthly@2", True, document()["title"])
    assert Event.objects.count() == 2


def test_the_code_of_another_office_is_refused():
    lay_down(OrganisationFactory())

    with pytest.raises(report_forms.ReportFormRefused) as refusal:
        lay_down(OrganisationFactory())

    assert refusal.value.faults == ["code: Another office has a report form with this code."]
    assert ReportForm.objects.count() == 1


@pytest.mark.parametrize("change", [{"title": "อื่น"}, {"definition": {}}, {"version": 7}])
def test_the_database_lets_nobody_change_a_form(change):
    lay_down(OrganisationFactory())

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        ReportForm.objects.update(**change)
    # The control: without the guards the same statement goes through.
    with lifted():
        assert ReportForm.objects.update(**change) == 1


def test_the_database_lets_nobody_delete_a_form():
    lay_down(OrganisationFactory())

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        ReportForm.objects.all().delete()
    with lifted():
        assert ReportForm.objects.all().delete()[0] == 1


# --- The command -----------------------------------------------------------------------------------------------------
def test_the_command_says_what_it_did(capsys):
    place = OrganisationFactory()

    call_command("import_report_form", str(CENTRES), organisation=place.code)
    call_command("import_report_form", str(CENTRES), organisation=place.code)

    assert capsys.readouterr().out == (
        f"{CENTRES}: centres-monthly@1 was laid down.\n{CENTRES}: centres-monthly@1 is unchanged.\n"
    )


def test_a_trial_changes_nothing(capsys):
    call_command("import_report_form", str(CENTRES), organisation=OrganisationFactory().code, dry_run=True)

    assert capsys.readouterr().out.endswith("This was a trial: nothing has changed.\n")
    assert (ReportForm.objects.count(), Event.objects.count()) == (0, 0)


def test_all_or_none_and_every_fault_with_its_file(tmp_path, capsys):
    bad, gone = tmp_path / "bad.yaml", tmp_path / "gone.yaml"
    bad.write_text("code: bad\n", encoding="utf-8")

    with pytest.raises(SystemExit):
        call_command("import_report_form", str(CENTRES), str(bad), str(gone), organisation=OrganisationFactory().code)

    assert capsys.readouterr().err.splitlines() == [
        f"{bad}: title: The name is missing.",
        f"{bad}: period: Give one of: month, quarter, round, event.",
        f"{bad}: certified_by: Give one of: head.",
        f"{bad}: due: Say by which day it is due.",
        f"{bad}: reported_by: Say which units report: their kinds or their codes.",
        f"{bad}: tables: Give at least one.",
        f"{gone}: The file cannot be read: No such file or directory.",
    ]
    assert (ReportForm.objects.count(), Event.objects.count()) == (0, 0)


def test_an_unknown_office_is_refused():
    with pytest.raises(CommandError, match="There is no organisation “nowhere”"):
        call_command("import_report_form", str(CENTRES), organisation="nowhere")
