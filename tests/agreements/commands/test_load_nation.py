from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse

from agreements.models import (
    Agreement,
    Event,
    Item,
    Organisation,
    Party,
    Posting,
    Result,
    Role,
    Round,
    Signature,
    Snapshot,
    User,
)
from agreements.services import content as contents, demo, log_check, nation_copies
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
# The department's own: three at the top, four with roles, and one for each story that is walked.
DEPARTMENT, WALKED = 19, 7 + 12


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO, settings.DEMO_TODAY = True, date(2013, 2, 18)


def load_nation(**size):
    said = StringIO()
    call_command("load_nation", stdout=said, **({"people": 24, "provinces": 2} | size))
    return said.getvalue()


def found():
    """Return what is wrong with the logs of all offices, in words."""
    return [one.sentence for one in log_check.check(log_check.offices_with_a_log()).findings]


def unlike_what_was_signed():
    """Return the contents that the services, reading the rows anew, do not come to, to the letter."""
    kept = Snapshot.objects.select_related("version__part__agreement__round", "version__part__agreement__organisation")
    return [one for one in kept if contents.hash_of(contents.content_of(one.version, one.stage)) != one.sha256]


def test_nation_has_as_many_of_everything_as_was_asked_and_its_record_holds(client):
    assert f"{24 + DEPARTMENT}" in load_nation()
    provinces = Organisation.objects.filter(kind="province")
    people = Posting.objects.filter(organisation__kind__in=["province", "group", "district"])
    of_provinces = Agreement.objects.filter(person__in=people.values("user"))
    assert (provinces.count(), people.count(), User.objects.count()) == (2, 24, 24 + DEPARTMENT)
    assert (Agreement.objects.count(), of_provinces.count()) == (48 + WALKED, 48)
    assert list(Round.objects.order_by("starts_on").values_list("fiscal_year", "number", "status")) == [
        (2555, 2, "closed"), (2556, 1, "open"),
    ]  # fmt: skip
    over = of_provinces.filter(round__status="closed")
    assert Counter(over.values_list("state", flat=True)) == {"closed": 24}
    hung_on = {"version__part__agreement__in": over}
    assert Counter(Signature.objects.filter(**hung_on).values_list("capacity", "stage")) == {
        ("assessee", "agree"): 24, ("assessor", "agree"): 24, ("assessor", "result"): 24, ("assessee", "result"): 24,
        ("reviewer", "result"): 24,
    }  # fmt: skip
    assert (Item.objects.filter(**hung_on).count(), Party.objects.filter(**hung_on).count()) == (120, 72)
    assert (
        Result.objects.filter(part__agreement__in=over, outcome__isnull=False, self_outcome__isnull=False).count()
        == 120
    )
    assert Item.objects.values("lineage").distinct().count() == Item.objects.filter(version__is_current=True).count()
    # Every record tells of its act in the words of this agreement, in the order of time.
    assert found() == []
    for office in provinces:
        days = list(Event.objects.filter(office=office).order_by("number").values_list("at", flat=True))
        assert days == sorted(days)
    assert unlike_what_was_signed() == []
    _pages_open(client, over.first(), of_provinces)


def _pages_open(client, closed, agreements):
    """Look at a person's agreement, the board and forms as those who may: each says whose it is."""
    hr = Role.objects.get(kind="hr", organisation__kind="department").user
    client.force_login(hr)
    under_way = Round.objects.get(status="open")
    names = {"board": reverse("agreements:round", args=[under_way.pk]), "closed": closed.get_absolute_url(),
             "person": reverse("agreements:person", args=[closed.person_id])}  # fmt: skip
    answers = {name: client.get(address) for name, address in names.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(names, 200)
    assert closed.person.full_name in answers["closed"].text
    assert answers["board"].context["foot"]["count"] == 24 + 12
    draft = agreements.filter(state="agreed", round=under_way).first()
    client.force_login(draft.person)
    form = client.get(reverse("agreements:results", args=[draft.pk]))
    assert form.status_code == 200
    assert client.login(username=draft.person.username, password=demo.PASSWORD)


def test_copies_that_say_what_their_mould_said_are_noticed(monkeypatch):
    # The control: with the lineages and hashes of the mould, contents are not those of the rows.
    monkeypatch.setattr(nation_copies._Copy, "say", lambda _copy, text: text)

    load_nation(people=4, provinces=1, rounds=0)

    assert unlike_what_was_signed() != []


def test_copies_with_the_record_of_their_mould_are_noticed(monkeypatch):
    # The control: a record that is not hashed anew.
    monkeypatch.setattr(nation_copies.Copier, "_event", kept_hash(nation_copies.Copier._event))

    load_nation(people=4, provinces=1, rounds=0)

    assert found() != []


def kept_hash(make):
    def made(copier, one, number, previous):
        event = make(copier, one, number, previous)
        event.own_hash = f"{number:064}"
        return event

    return made


def test_same_seed_makes_the_same_people_and_results_and_another_seed_others():
    def told(seed):
        with transaction.atomic():
            load_nation(people=6, provinces=1, rounds=0, seed=seed)
            people = list(User.objects.order_by("username").values_list("username", "first_name", "last_name"))
            states = list(Agreement.objects.order_by("person__username").values_list("person__username", "state"))
            lineages = sorted(map(str, Item.objects.values_list("lineage", flat=True)))
            transaction.set_rollback(True)
        return people, states, lineages

    first, again, other = told(1), told(1), told(2)

    assert first == again
    assert all(one != two for one, two in zip(first, other, strict=True))


def test_nation_is_made_in_demo_mode_only():
    with override_settings(DEMO=False), pytest.raises(CommandError, match="KPI_DEMO=1"):
        load_nation()
    assert Organisation.objects.count() == 0


def test_nation_is_not_made_where_there_is_an_office():
    OrganisationFactory()
    with pytest.raises(CommandError):
        load_nation()
    assert (Organisation.objects.count(), User.objects.count()) == (1, 0)


@pytest.mark.parametrize(("people", "provinces"), [(3, 2), (10, 0)])
def test_too_few_people_for_the_provinces_are_refused(people, provinces):
    with pytest.raises(CommandError):
        load_nation(people=people, provinces=provinces)
    assert Organisation.objects.count() == 0
