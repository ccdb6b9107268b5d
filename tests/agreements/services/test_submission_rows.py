"""Files in the cells of a report belong to something: they are not swept away as orphans."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from agreements.models import Evidence, Observation
from agreements.services import evidence_check, submission_rows
from agreements.services.submissions import SubmissionRefused
from tests.entering import FILES, NOON, Units, fixed, table
from tests.files import picture

pytestmark = pytest.mark.django_db


def attached(units, cell=("letters", "1", "letter")):
    submission = units.opened()
    upload = SimpleUploadedFile("หนังสือ.png", picture())
    return submission_rows.attach(submission, cell, upload, by=units.reporter, at=NOON)


def test_a_file_in_a_cell_is_no_orphan(settings, tmp_path):
    # A folder of its own: others leave their files in the common one.
    settings.MEDIA_ROOT = tmp_path
    kept = attached(Units(table("letters", FILES, fixed(1))))

    found = evidence_check.check()

    assert (found.is_sound, found.unused, found.stray) == (True, [], [])
    assert (kept.value, kept.is_valid, kept.stored.size) == ("หนังสือ.png", True, len(picture()))


def test_control_where_nobody_looks_into_reports_it_would_be_one(monkeypatch):
    kept = attached(Units(table("letters", FILES, fixed(1))))
    monkeypatch.setattr(evidence_check, "Observation", Evidence)

    assert evidence_check.check().unused == [kept.stored]


def test_a_file_in_another_cell_than_one_for_files_is_refused():
    with pytest.raises(SubmissionRefused):
        attached(Units(table("letters", FILES, fixed(1))), cell=("letters", "1", "day"))
    assert not Observation.objects.exists()


def test_files_and_figures_put_a_complete_report_back_to_being_entered():
    units = Units(table("letters", FILES, fixed(1)))
    submission = units.opened()
    submission.state = "complete"
    submission.save()

    attached(units)

    submission.refresh_from_db()
    assert submission.state == "draft"
