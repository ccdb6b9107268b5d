import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Agreement, State
from agreements.models.agreements import AgreementKey
from tests.agreements.services.test_splits import assessed
from tests.splits import DAY, WHY, assessor_of, at, bring_part, bring_whole, moved, split, was_split
from tests.walks import bring_to, colleague, office

pytestmark = pytest.mark.django_db


def page(place, number=None, name="agreement", *more):
    return reverse(f"agreements:{name}", args=[AgreementKey(place.agreement.pk, number), *more])


def test_hr_splits_on_a_page_that_offers_the_newest_position_of_the_person(client):
    place = bring_to(office(), State.AGREED)
    posting = moved(place)
    client.force_login(place.hr)

    offered = client.get(page(place, None, "split")).context["form"]
    typed = {
        "on": "๓๐ ธ.ค. ๒๕๕๕", "posting": offered.initial["posting"], "assessor": offered.initial["assessor"],
        "start": "copy", "reason": WHY,
    }  # fmt: skip
    refused = client.post(page(place, None, "split"), typed | {"on": "1 ต.ค. 2555"})
    response = client.post(page(place, None, "split"), typed)

    assert (offered.initial["posting"], offered.initial["assessor"]) == (posting.pk, posting.assessor_id)
    assert list(refused.context["form"].errors) == ["__all__"]
    assert (response.status_code, response["Location"]) == (302, page(place, 2))
    assert at(place, 2).part.starts_on == DAY


def test_an_address_names_the_part_and_the_links_of_the_page_stay_with_it(client):
    place = was_split()
    client.force_login(place.assessee)

    first, second = (client.get(page(place, number)) for number in (1, 2))

    assert [one.context["version"].part.number for one in (first, second)] == [1, 2]
    assert page(place, 1, "results") in first.content.decode()
    assert page(place, 2, "items") in second.content.decode()
    assert page(place, 2, "results") not in second.content.decode()
    for one, other in ((first, 2), (second, 1)):
        assert f'href="{page(place, other)}"' in one.content.decode()
    assert client.get(page(place, 3)).status_code == 404


def test_without_a_part_in_the_address_it_is_the_one_that_waits_for_the_reader(client):
    place = was_split()
    bring_part(place, 1, State.REPORTED)

    def shown(reader):
        client.force_login(reader)
        return client.get(page(place)).context["version"].part.number

    assert (shown(assessor_of(at(place, 1))), shown(assessor_of(at(place, 2))), shown(place.assessee)) == (1, 2, 2)
    assert shown(place.hr) == 2


def test_my_work_names_each_part_that_waits_and_leads_to_it(client):
    place = was_split()
    client.force_login(place.assessee)

    response = client.get(reverse("agreements:work"))

    told = {(task.part.number, task.action.code, task.state) for task in response.context["tasks"]}
    assert told == {(1, "report", "agreed"), (2, "propose", "draft")}
    for address in (page(place, 1, "results"), page(place, 2, "items")):
        assert f'href="{address}' in response.content.decode()


def test_what_is_done_on_the_page_of_a_part_is_done_to_that_part(client):
    place = was_split()
    bring_part(place, 2, State.AGREED)
    item = at(place, 2).items.get()
    client.force_login(place.assessee)

    response = client.post(page(place, 2, "result", item.lineage), {"value": "75", "next": "1"})

    assert response["Location"] == page(place, 2, "results")
    assert [list(at(place, n).part.results.values_list("inputs", flat=True)) for n in (1, 2)] == [[], [{"value": "75"}]]


@pytest.mark.parametrize(("who", "answers"), [("first", [200, 403]), ("second", [403, 200])])
def test_each_assessor_opens_the_assessment_of_their_own_part(client, who, answers):
    place = was_split()
    bring_part(place, 1, State.REPORTED)
    bring_part(place, 2, State.REPORTED)
    client.force_login(assessor_of(at(place, 1 if who == "first" else 2)))

    assert [client.get(page(place, number, "assessment")).status_code for number in (1, 2)] == answers


def test_the_whole_is_signed_from_either_part_over_the_merged_figures(client):
    place = bring_whole(assessed(), State.RELEASED)
    client.force_login(place.assessee)

    led = client.get(page(place, 1, "check", "acknowledge"))
    shown = client.get(page(place, None, "check", "acknowledge"))
    response = client.post(page(place, None, "check", "acknowledge"), {"shown": shown.context["shown"]})

    assert (led.status_code, led["Location"]) == (302, page(place, 2, "check", "acknowledge"))
    assert shown.context["whole"].scores["final"] == "70.33"
    assert [one.part.number for one, _sheet in shown.context["other_parts"]] == [1]
    place.agreement.refresh_from_db()
    assert (response.status_code, place.agreement.state) == (302, State.ACKNOWLEDGED)


def test_before_release_the_assessee_sees_no_figure_of_an_assessor(client):
    place = assessed()
    client.force_login(place.assessee)
    own = client.get(page(place, 1))
    client.force_login(place.hr)
    theirs = client.get(page(place, 1))

    assert ([one.figures for one in own.context["whole"].parts], own.context["whole"].scores) == ([None, None], None)
    assert "70.33" not in own.content.decode()
    assert theirs.context["whole"].scores["final"] == "70.33"


def test_the_stepper_of_a_part_tells_what_was_done_to_it(client):
    place = was_split()
    bring_part(place, 2, State.PROPOSED)
    client.force_login(place.hr)

    steps = [[one.status for one in client.get(page(place, n)).context["steps"]][:3] for n in (1, 2)]

    assert steps == [["done", "done", "current"], ["done", "current", "todo"]]


def test_a_split_agreement_costs_lists_no_more_than_three(client):
    place = was_split()
    client.force_login(place.hr)

    def asked():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("agreements:agreements")).status_code == 200
        return len(captured)

    asked()
    one = asked()
    for _more in range(2):
        other = bring_to(colleague(place), State.AGREED)
        split(other)

    assert asked() == one
    assert Agreement.objects.count() == 3
