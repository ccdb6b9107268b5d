import pytest

from agreements import actions
from agreements.models import State
from agreements.services.content import form_source
from reports.rows.form_set import form_set
from tests.walks import bring_to, full_office, name_witness, office, sign

pytestmark = pytest.mark.django_db


def forms_of(place):
    return form_set(form_source(place.version, viewer=place.hr), verify_url=lambda code: f"https://kpi.test/{code}")


def test_a_refusal_ticks_the_second_box_and_names_the_witness():
    place = bring_to(full_office(), State.RELEASED)
    name_witness(place)
    before = forms_of(place).form_1
    sign(place, actions.WITNESS, place.witness)

    form = forms_of(place).form_1

    assert (before.is_told, before.is_witnessed, before.by_witness.code) == (False, False, "")
    assert (form.is_told, form.is_witnessed, form.by_witness.name) == (False, True, place.witness.full_name)
    assert form.is_acknowledged is False
    # The control: where the assessee signs, the first box is ticked.
    signed = forms_of(bring_to(office(), State.ACKNOWLEDGED)).form_1
    assert (signed.is_told, signed.is_witnessed) == (True, False)


def test_a_commentator_stands_in_the_signing_tables_of_both_forms():
    place = bring_to(full_office(), State.ACKNOWLEDGED)

    forms = forms_of(place)

    for form in (forms.form_2, forms.form_3):
        row = next(row for row in form.signing if row.start.name == place.commentator.full_name)
        assert (bool(row.start.code), bool(row.end.code)) == (True, True)
        # The results as reported are another content than the assessment.
        assert row.start.code != row.end.code


def test_both_opinions_stand_in_their_places():
    place = bring_to(full_office(), State.ACKNOWLEDGED)
    sign(place, actions.REVIEW, place.reviewer, decision="agrees")
    sign(place, actions.REVIEW_2, place.reviewer_2, decision="differs", comment="ควรได้สูงกว่านี้")

    form = forms_of(place).form_1

    assert (form.by_reviewer.agrees, form.by_reviewer.differs) == (True, False)
    assert (form.by_reviewer_2.differs, form.by_reviewer_2.comment) == (True, "ควรได้สูงกว่านี้")
