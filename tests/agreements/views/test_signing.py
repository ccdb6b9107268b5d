"""The check page: everything that is signed, and what changed since it was opened."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from agreements import actions
from agreements.forms import signing as forms
from agreements.models import Signature
from agreements.services import agreements as services, content as contents, results, signing
from agreements.services.content_words import content_words
from tests.factories import NOON
from tests.walks import ready_to_sign

pytestmark = pytest.mark.django_db


def address(place, action):
    return reverse("agreements:check", args=[place.agreement.pk, action.code])


def posted(page, **answer):
    return {
        "shown": page.context["shown"],
        "kept": page.context["kept"],
        "decision": "agrees",
        "comment": "เห็นควร",
        **answer,
    }


@pytest.mark.parametrize("action", actions.SIGNATURES, ids=lambda action: action.code)
def test_everything_that_is_signed_stands_on_the_page(client, action):
    place, signatory = ready_to_sign(action)
    client.force_login(signatory)

    page = client.get(address(place, action))

    html = page.content.decode()
    told = content_words(signing.content_to_sign(place.version, action))
    missing = [
        line for one in told.values() for _label, words in one.entries for line in words.split("\n")
        if escape(line) not in html
    ]  # fmt: skip
    assert missing == []
    # An organisation has no competencies.
    own = {"organisation"} if action in actions.WITNESSES_START else {"competency 1"}
    assert {"party assessee", "party assessor", "round"} | own < told.keys()
    assert ("scores" in told) is (action.stage == "result")


@pytest.mark.parametrize("action", actions.SIGNATURES, ids=lambda action: action.code)
def test_what_was_shown_is_signed(client, action):
    place, signatory = ready_to_sign(action)
    client.force_login(signatory)
    page = client.get(address(place, action))

    response = client.post(address(place, action), posted(page))

    assert response["Location"] == place.agreement.get_absolute_url()
    assert Signature.objects.get(signatory=signatory, stage=action.stage).content_hash == page.context["shown"]


def rewrite(place, goal):
    item = place.version.items.get()
    services.set_terms(place.version, {item.pk: services.Terms(goal=goal, weight=100)}, by=place.assessor)


def test_a_change_in_between_is_refused_with_what_changed(client):
    place, signatory = ready_to_sign(actions.PROPOSE)
    client.force_login(signatory)
    page = client.get(address(place, actions.PROPOSE))
    rewrite(place, "เป้าใหม่ของผู้ประเมิน")

    response = client.post(address(place, actions.PROPOSE), posted(page))

    [change] = response.context["changes"]
    assert (response.status_code, Signature.objects.count()) == (409, 0)
    assert [(entry.before, entry.after) for entry in change.entries] == [("–", "เป้าใหม่ของผู้ประเมิน")]
    assert "เป้าใหม่ของผู้ประเมิน" in response.content.decode()
    # What is shown now can be signed.
    assert client.post(address(place, actions.PROPOSE), posted(response)).status_code == 302
    assert Signature.objects.count() == 1


def test_control_without_the_comparison_the_change_would_be_signed_unseen(client, monkeypatch):
    place, signatory = ready_to_sign(actions.PROPOSE)
    client.force_login(signatory)
    page = client.get(address(place, actions.PROPOSE))
    rewrite(place, "เป้าใหม่")
    monkeypatch.setattr(contents, "hash_of", lambda content: page.context["shown"])

    client.post(address(place, actions.PROPOSE), posted(page))

    assert "เป้าใหม่" in Signature.objects.get().snapshot.content


def test_a_change_that_also_stands_in_the_way_tells_both(client):
    place, signatory = ready_to_sign(actions.ASSESS)
    client.force_login(signatory)
    page = client.get(address(place, actions.ASSESS))
    results.observe(place.version, {1: 1}, by=place.assessor)

    response = client.post(address(place, actions.ASSESS), posted(page))

    assert (Signature.objects.filter(stage="result").count(), len(response.context["obstacles"])) == (0, 1)
    assert [(entry.before, entry.after) for entry in response.context["changes"][0].entries] == [("2", "1")]


@pytest.mark.parametrize("kept", ["", "nonsense", "of somebody else"])
def test_without_what_was_shown_the_refusal_stands_alone(client, kept):
    place, signatory = ready_to_sign(actions.PROPOSE)
    client.force_login(signatory)
    page = client.get(address(place, actions.PROPOSE))
    if kept == "of somebody else":
        kept = forms.keep_shown(contents.content_of(place.version, "agree"), to=place.assessor)
    rewrite(place, "ใหม่")

    response = client.post(address(place, actions.PROPOSE), posted(page) | {"kept": kept})

    assert (response.context["changes"], Signature.objects.count()) == ([], 0)


def test_a_returned_and_renewed_proposal_is_not_signed_as_the_old_one(client):
    place, signatory = ready_to_sign(actions.AGREE)
    client.force_login(signatory)
    page = client.get(address(place, actions.AGREE))
    services.return_with_reason(place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason="ปรับ", at=NOON)
    rewrite(place, "หลังส่งกลับ")
    signing.sign_off(
        place.version, actions.PROPOSE, by=place.assessee, at=NOON,
        shown=contents.hash_of(signing.content_to_sign(place.version, actions.PROPOSE)),
    )  # fmt: skip

    response = client.post(address(place, actions.AGREE), posted(page))

    assert response.status_code == 409
    assert Signature.objects.filter(capacity="assessor").count() == 0
    assert [entry.after for change in response.context["changes"] for entry in change.entries] == ["หลังส่งกลับ"]
