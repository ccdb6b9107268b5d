"""Many posts of the same signature at the same moment, each a request of its own on a connection of its own."""

import logging
import threading
import time
from collections import Counter

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse

from agreements import actions
from agreements.models import Agreement, Event, Signature, Snapshot, State, Version
from agreements.services import content as contents, log_check, signing
from tests.walks import bring_to, choose_all, judge_all, office

pytestmark = pytest.mark.django_db(transaction=True)
POSTS = 50


def at_once(place, action, by):
    """Post the signature many times together; return how each was answered: its status and what it said."""
    shown = contents.hash_of(signing.content_to_sign(place.version, action))
    address = reverse("agreements:check", args=[place.agreement.pk, action.code])
    signed_in = Client()
    signed_in.force_login(by)
    session = signed_in.cookies["sessionid"].value
    ready, answers = threading.Barrier(POSTS), []

    def post():
        client = Client(raise_request_exception=False)
        client.cookies["sessionid"] = session
        try:
            connection.ensure_connection()
            ready.wait()
            response = client.post(address, {"shown": shown, "decision": "agrees"})
            # A redirect carries what was said to the next page; an error page carries nothing.
            said = [*map(str, get_messages(response.wsgi_request))] if response.status_code == 302 else [""]
            answers.append((response.status_code, said[0]))
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(POSTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(answers)


@pytest.mark.parametrize(
    ("action", "who"),
    [(actions.PROPOSE, "assessee"), (actions.ASSESS, "assessor"), (actions.REVIEW, "reviewer")],
    ids=lambda value: getattr(value, "code", value),
)
def test_of_many_posts_at_once_one_signs_and_the_others_are_told_so(action, who):
    place = bring_to(office(), action.source)
    if action == actions.PROPOSE:
        choose_all(place)
    if action == actions.ASSESS:
        judge_all(place)
    before = Signature.objects.count()
    begun = time.monotonic()

    answers = at_once(place, action, getattr(place, who))

    print(f"{action.code}: {POSTS} posts in {time.monotonic() - begun:.2f} s, {dict(answers)}")  # noqa: T201
    assert Signature.objects.count() - before == 1
    assert Event.objects.filter(verb=action.code).count() == 1
    assert sorted(answers.values()) == [1, POSTS - 1]
    assert {status for status, _said in answers} == {302}
    [refusal] = [said for (_status, said), count in answers.items() if count == POSTS - 1]
    assert refusal.endswith("จึงไม่มีการเปลี่ยนแปลงใด ๆ")
    assert log_check.check([place.province]).findings == ()


def test_without_lock_and_transaction_some_run_into_each_other(monkeypatch):
    place = office()
    choose_all(place)
    write = signing._write

    def slowly(*args, **kwargs):
        time.sleep(0.3)  # until everybody has been told that it may be signed
        return write(*args, **kwargs)

    def unlocked(version):
        Agreement.objects.get(pk=version.part.agreement_id)
        return Version.objects.select_related("part__agreement__round", "part__agreement__organisation").get(
            pk=version.pk
        )

    monkeypatch.setattr(signing, "_write", slowly)
    monkeypatch.setattr(signing, "locked", unlocked)
    if connection.vendor == "sqlite":
        # There the transaction itself is the lock.
        monkeypatch.setattr(signing, "sign_off", signing.sign_off.__wrapped__)
    logging.disable(logging.CRITICAL)
    answers = at_once(place, actions.PROPOSE, place.assessee)
    logging.disable(logging.NOTSET)

    # Only the constraint kept the second signature out, and people saw an error page.
    assert sum(count for (status, _said), count in answers.items() if status == 500) > 0
    assert Snapshot.objects.count() == 1
    assert Agreement.objects.get().state == State.PROPOSED
