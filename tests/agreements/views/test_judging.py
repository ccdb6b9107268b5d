import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from agreements.models import Event, Evidence, Judgement, Result, Role, StoredFile
from agreements.services import judges
from tests.factories import NOON, THRESHOLDS, RoleFactory
from tests.judging import decide, hand_in, judged_office, reported, rows_of
from tests.walks import choose_all, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def url(place, top, name="judge", *more):
    return reverse(f"agreements:{name}", args=[place.round.pk, place.indicators[0].pk, top.pk, *more])


def fields(place, top, judge, **said):
    """Return what a form sends for every open row."""
    data = {}
    for row in rows_of(place, top, judge):
        if row.is_open:
            data |= {f"{name}_{row.item.pk}{'_0' if name == 'step' else ''}": value for name, value in said.items()}
    return data


def ask(client, user, method, address, data=None, **headers):
    client.force_login(user)
    return getattr(client, method)(address, data or {}, headers={"accept-language": "en", **headers})


def test_the_grid_shows_results_and_evidence_and_plain_posts_keep_and_hand_in(client):
    place, top, judge = judged_office()
    reported(place)
    stored = StoredFile.objects.create(sha256="a" * 64, size=1, content_type="text/plain", file="aa/a")
    Evidence.objects.create(
        result=Result.objects.get(), stored=stored, name="แผนปฏิบัติการ.txt", added_by=place.assessee, added_at=NOON
    )

    page = ask(client, judge, "get", url(place, top)).content.decode()
    assert all(words in page for words in (place.assessee.first_name, "ทำแล้ว", "แผนปฏิบัติการ.txt"))

    kept = ask(client, judge, "post", url(place, top), fields(place, top, judge, step="no", remark="ขาดตัวชี้วัด"))
    assert (kept.status_code, Result.objects.get().judged) == (302, None)
    assert Judgement.objects.get().remark == "ขาดตัวชี้วัด"
    data = fields(place, top, judge, step="no", remark="ขาดตัวชี้วัด")
    handed = ask(client, judge, "post", url(place, top), data | {"hand_in": "1"})
    assert (handed.status_code, Result.objects.get().judged[0]["done"]) == (302, [])


def test_the_script_is_answered_in_a_line(client):
    place, top, judge = judged_office()
    reported(place)

    answer = ask(
        client, judge, "post", url(place, top), fields(place, top, judge, step="yes"), **{"hx-request": "true"}
    )

    page = answer.content.decode()
    assert (answer.status_code, "typing-saved" in page) == (200, True)
    # The count beside the buttons goes with it.
    assert '<span class="muted tabular" id="judged-ready" hx-swap-oob="true">1 decided' in page
    assert Judgement.objects.get().steps == {"5": True}


def test_a_score_that_cannot_be_is_said_in_words_and_keeps_what_was_typed(client):
    place, top, judge = judged_office(definition={"judged_by": "department", "criteria": THRESHOLDS})
    reported(place, {"value": "90"})

    answer = ask(client, judge, "post", url(place, top), fields(place, top, judge, score="7", remark="เยี่ยม"))

    page = answer.content.decode()
    assert (answer.status_code, Judgement.objects.count()) == (200, 0)
    assert [words in page for words in ("เยี่ยม", "error-summary")] == [True, True]


def test_what_somebody_else_wrote_meanwhile_is_not_gone_over(client):
    place, top, judge = judged_office()
    reported(place)
    seen = ask(client, judge, "get", url(place, top)).context["seen"]
    decide(place, top, RoleFactory(organisation=top, kind=Role.Kind.HR).user, step5=False)

    answer = ask(client, judge, "post", url(place, top), fields(place, top, judge, step="yes") | {"seen": seen})

    assert (answer.status_code, Judgement.objects.get().steps) == (409, {"5": False})


@pytest.mark.parametrize("kind", [Role.Kind.EXECUTIVE, Role.Kind.FRAMEWORK_EDITOR, Role.Kind.AUDITOR])
def test_other_roles_find_nothing_there(client, kind):
    place, top, _judge = judged_office()
    reported(place)
    other = RoleFactory(organisation=top, kind=kind).user

    assert ask(client, other, "get", url(place, top)).status_code == 404


def test_control_without_the_question_who_acts_anybody_gets_in(client, monkeypatch):
    place, top, _judge = judged_office()
    reported(place)
    assert ask(client, place.assessor, "get", url(place, top)).status_code == 404
    monkeypatch.setattr(judges, "acts_for", lambda user, unit: True)

    assert ask(client, place.assessor, "get", url(place, top)).status_code == 200


def test_a_unit_sees_nothing_that_it_does_not_judge(client):
    place, _top, judge = judged_office()
    reported(place)
    RoleFactory(user=judge, organisation=place.unit, kind=Role.Kind.HR)

    assert ask(client, judge, "get", url(place, place.unit)).status_code == 404


def test_evidence_is_sent_to_those_who_judge_it_and_to_nobody_for_another_indicator(client):
    place, top, judge = judged_office()
    reported(place)
    stored = StoredFile(sha256="a" * 64, size=3, content_type="text/plain")
    stored.file.save("a", ContentFile(b"abc"))
    stored.save()
    file = Evidence.objects.create(
        result=Result.objects.get(), stored=stored, name="แผน.txt", added_by=place.assessee, added_at=NOON
    )

    sent = ask(client, judge, "get", url(place, top, "judged-evidence", file.pk))
    assert b"".join(sent.streaming_content) == b"abc"
    assert Event.objects.filter(verb="read", actor=judge).exists()
    assert ask(client, judge, "get", reverse("agreements:evidence", args=[file.pk])).status_code == 404
    assert ask(client, place.reviewer, "get", url(place, top, "judged-evidence", file.pk)).status_code == 404


def test_my_work_names_what_waits_and_says_until_when(client):
    place, top, judge = judged_office()
    reported(place)

    assert [task.waiting for task in ask(client, judge, "get", reverse("agreements:work")).context["judging"]] == [1]
    decide(place, top, judge)
    hand_in(place, top, judge)
    assert ask(client, judge, "get", reverse("agreements:work")).context["judging"] == []
    assert ask(client, place.assessee, "get", reverse("agreements:judging")).context["tasks"] == []


def test_the_assessor_reads_who_judged_and_cannot_set_another_score(client):
    place, top, judge = judged_office()
    reported(place)
    decide(place, top, judge, step5=False)
    hand_in(place, top, judge)
    lineage = place.version.items.get().lineage
    address = reverse("agreements:assess-item", args=[place.agreement.pk, lineage])

    page = ask(client, place.assessor, "get", address).content.decode()
    assert "This stands; it cannot be overruled here." in page
    data = {"verdict": "set", "set-score": "5", "set-reason": "เห็นต่าง"}
    answer = ask(client, place.assessor, "post", address, data)
    assert (answer.status_code, Result.objects.get().verdict) == (200, "")
    # The assessee is not told before the release what was decided.
    own = reverse("agreements:result", args=[place.agreement.pk, lineage])
    assert "cannot be overruled" not in ask(client, place.assessee, "get", own).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_query_count_is_flat(client, rows):
    place, top, judge = judged_office()
    for one in (place, *(colleague(place) for _ in range(rows - 1))):
        reported(one)
    stored = StoredFile.objects.create(sha256="a" * 64, size=1, content_type="text/plain", file="aa/a")
    for result in Result.objects.all():
        Evidence.objects.create(result=result, stored=stored, name="แผน.txt", added_by=place.assessee, added_at=NOON)
    decide(place, top, judge)
    ask(client, judge, "get", url(place, top))

    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url(place, top))

    assert (len(answer.context["rows"]), len(asked)) == (rows, QUESTIONS)


QUESTIONS = 26


def test_what_can_be_judged_now_stands_first(client):
    place, top, judge = judged_office()
    choose_all(place)
    other = reported(colleague(place))

    rows = ask(client, judge, "get", url(place, top)).context["rows"]

    assert [one["row"].agreement for one in rows] == [other.agreement, place.agreement]
    assert [bool(one["cells"]) for one in rows] == [True, False]
