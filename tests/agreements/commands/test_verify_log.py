import pytest
from django.core.management import CommandError, call_command

from agreements.models import Event, EventText, State
from tests.guards import lifted
from tests.walks import bring_to, office

pytestmark = pytest.mark.django_db


def verified(capsys, *arguments):
    """Return how the command ended, what it said, and what it complained of."""
    try:
        call_command("verify_log", *arguments)
    except SystemExit as ended:
        code = ended.code
    else:
        code = 0
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err.splitlines()


def test_a_whole_log_is_named_with_its_head(capsys):
    place = bring_to(office(), State.AGREED)
    head = Event.objects.order_by("number").last().head

    assert verified(capsys, "--language", "en", "--head", head) == (
        0, [f"{place.province.code}: 3 records, {head}", "Nothing was changed."], [],
    )  # fmt: skip


def test_the_first_bad_record_is_named_by_office_and_number(capsys):
    place = bring_to(office(), State.AGREED)
    with lifted():
        Event.objects.filter(number__gte=2).update(verb="nothing")

    code, _out, err = verified(capsys, "--language", "en")

    assert (code, err) == (
        1,
        [f"{place.province.code}, record 2: The record was changed: it does not have the hash it was written with."],
    )


def test_one_office_is_looked_at_where_one_is_named(capsys):
    place, other = bring_to(office(), State.AGREED), bring_to(office(), State.AGREED)
    with lifted():
        Event.objects.filter(office=other.province).update(verb="nothing")

    assert verified(capsys, "--office", place.province.code)[0] == 0
    assert verified(capsys, "--office", other.province.code)[0] == 1
    assert verified(capsys)[0] == 1


def test_a_log_cut_short_shows_against_the_head_on_paper(capsys):
    place = bring_to(office(), State.AGREED)
    head = Event.objects.order_by("number").last().head
    another = office().province
    with lifted():
        Event.objects.filter(number=3).update(office=another, number=99)

    code, _out, err = verified(capsys, "--language", "en", "--office", place.province.code, "--head", head)

    assert code == 1
    assert err[-1] == (
        f"record 3: No log holds record {head} any more: it was cut short or written anew since the form was printed."
    )


def test_an_office_that_is_not_there_is_said_to_be_none():
    with pytest.raises(CommandError):
        call_command("verify_log", "--office", "nowhere")


def test_texts_are_erased_by_a_command_that_says_how_many(capsys):
    place = bring_to(office(), State.AGREED)

    call_command("erase_log_texts", "--office", place.province.code, "--before", "18/02/2570", "--language", "en")

    assert capsys.readouterr().out == "The texts of 3 records were erased.\n"
    assert EventText.objects.get().event.verb == "log.erased"
    assert verified(capsys)[0] == 0


@pytest.mark.parametrize("arguments", [("nowhere", "18/02/2570"), (None, "yesterday"), (None, "2027-02-18")])
def test_what_cannot_be_erased_changes_nothing(arguments):
    place = bring_to(office(), State.AGREED)
    code, before = arguments

    with pytest.raises(CommandError):
        call_command("erase_log_texts", "--office", code or place.province.code, "--before", before)

    assert EventText.objects.count() == 3
