import random

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from agreements import actions, guards, thai
from agreements.models import Agreement, Event, EventText, Signature, Snapshot, State
from agreements.services import agreements as services, batches, log, log_check, states
from tests.factories import NOON, RoleFactory, UserFactory
from tests.guards import lifted
from tests.walks import bring_to, colleague, office, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """An office with one agreement that is closed and one that was returned."""
    first = bring_to(office(), State.CLOSED)
    second = bring_to(colleague(first), State.PROPOSED)
    services.return_with_reason(second.version, actions.RETURN_PROPOSAL, by=second.assessor, reason="แก้", at=NOON)
    bring_to(second, State.REPORTED)
    return first


def sentences(place, *heads):
    checked = log_check.check([place.province])
    found = [*checked.findings, *(one for head in heads for one in log_check.head_findings(head, [place.province]))]
    return [(one.number, one.sentence) for one in found]


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def rows(question, *values):
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall()


def tampered(place, *statements, heads=()):
    """Return what is found after `statements`, none of which stays."""
    with transaction.atomic():
        with lifted():
            for statement in statements:
                run(statement)
        found = sentences(place, *heads)
        transaction.set_rollback(True)
    return found


def test_what_nobody_touched_is_as_it_was(place):
    checked = log_check.check(log_check.offices_with_a_log())

    assert checked.findings == ()
    [told] = checked.told
    last = Event.objects.order_by("number").last()
    assert (told.office, told.records, told.head) == (place.province, 15, f"15-{last.own_hash[:12].upper()}")
    assert sentences(place, *(event.head for event in Event.objects.all())) == []


def key(model, **facts):
    return model.objects.filter(**facts).order_by("pk").values_list("pk", flat=True)[0]


TAMPERINGS = {
    # what is done: where it is found, in which words, and the part of the check that sees it
    "another act": (
        lambda: ["UPDATE agreements_event SET verb = 'nothing' WHERE number = 3"],
        (3, "The record was changed: it does not have the hash it was written with."),
        "_chain",
    ),
    "another request": (
        lambda: ["UPDATE agreements_event SET request_id = 'X' WHERE number = 3"],
        (3, "The record was changed: it does not have the hash it was written with."),
        "_chain",
    ),
    "a record less": (
        lambda: [f"DELETE FROM agreements_eventtext WHERE event_id = {key(Event, number=5)}",
                 "DELETE FROM agreements_event WHERE number = 5"],
        (6, "The record before it, number 5, is missing."),
        "_chain",
    ),
    "other words": (
        lambda: [f"UPDATE agreements_eventtext SET details = '{{}}' WHERE event_id = {key(Event, number=2)}"],
        (2, "What it says was changed."),
        "_chain",
    ),
    "words gone": (
        lambda: [f"DELETE FROM agreements_eventtext WHERE event_id = {key(Event, number=4)}"],
        (4, "What it says was erased, and no record says so."),
        "_texts",
    ),
    "another name under it": (
        lambda: [f"UPDATE agreements_signature SET name = 'x' WHERE id = {key(Signature)}"],
        (2, "The signature that was given by it was changed."),
        "_chain",
    ),
    "a signature less": (
        lambda: [f"DELETE FROM agreements_signature WHERE id = {key(Signature, capacity='reviewer')}"],
        (8, "The signature that was given by it is missing."),
        "_chain",
    ),
    "a signature more": (
        lambda: [("INSERT INTO agreements_signature (id, version_id, snapshot_id, signatory_id, capacity,"
                 " stage, decision, comment, name, title,"
                 " content_hash, signed_at, method, scan_name, acting_for) SELECT id + 99, version_id, snapshot_id,"
                 f" {UserFactory().pk}, 'witness', stage, decision, comment, name, title, content_hash, signed_at,"
                 f" method, scan_name, acting_for FROM agreements_signature WHERE id = {key(Signature)}")],
        (None, "No record tells of signature {new} of agreement {agreement}."),
        "_signatures",
    ),
    "other content": (
        lambda: [f"UPDATE agreements_snapshot SET content = '{{}}' WHERE id = {key(Snapshot)}"],
        (None, "The content that was signed was changed: snapshot {snapshot} of agreement {agreement}."),
        "_snapshots",
    ),
    "content in other spelling": (
        lambda: [f"UPDATE agreements_snapshot SET content = '{{ }}', sha256 = '{log.digest('{ }')}'"],
        (None, "Snapshot {snapshot} of agreement {agreement} is not in the canonical form."),
        "_snapshots",
    ),
    "signed content gone": (
        lambda: [f"DELETE FROM agreements_snapshot WHERE id = {key(Snapshot)}"],
        (None, "Signature {signature} of agreement {agreement} does not stand under the content it was given for."),
        "_signatures",
    ),
    "an agreement gone": (
        lambda: [f"DELETE FROM agreements_agreement WHERE id = {key(Agreement)}"],
        (None, "Agreement {agreement}, of which the log tells, is not there."),
        "_states",
    ),
    "another state": (
        lambda: [f"UPDATE agreements_agreement SET state = 'reviewed' WHERE id = {key(Agreement)}"],
        (None, "Agreement {agreement} stands at “Reviewed”; the log says “Closed”."),
        "_states",
    ),
    "another state of a part": (
        lambda: [f"UPDATE agreements_part SET state = 'draft' WHERE agreement_id = {key(Agreement)}"],
        (None, "The parts of agreement {agreement} do not fit its state, “Closed”."),
        "_states",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_way_of_tampering_is_named_and_only_by_its_part_of_the_check(place, name, monkeypatch):
    statements, (number, sentence), part = TAMPERINGS[name]
    with translation.override("en"):
        found = tampered(place, *statements())
        named = {
            "agreement": key(Agreement),
            "snapshot": key(Snapshot),
            "signature": key(Signature),
            "new": key(Signature) + 99,
        }
        expected = (number, sentence.format(**named))
        assert expected in found
        # The control: with this part of the check off nobody says so.
        monkeypatch.setattr(log_check, part, lambda *_: [])
        assert expected not in tampered(place, *statements())


# --- What only paper shows -------------------------------------------------------------------------------------------
def cut_off(number):
    return [
        f"DELETE FROM agreements_eventtext WHERE event_id IN (SELECT id FROM agreements_event WHERE number > {number})",
        f"DELETE FROM agreements_event WHERE number > {number}",
    ]


def test_a_log_that_was_cut_short_shows_against_the_head_on_paper(place):
    RoleFactory(organisation=place.province)
    log.record("round.noted", office=place.province, by=place.hr, at=NOON)
    head = Event.objects.order_by("number").last().head

    found = tampered(place, *cut_off(15), heads=[head])

    assert [number for number, _sentence in found] == [16]
    # The control: without the paper, the cut itself leaves no trace where no agreement moved.
    assert tampered(place, *cut_off(15)) == []


def test_a_log_that_was_written_anew_with_right_hashes_shows_against_the_head_on_paper(place):
    head = Event.objects.order_by("number").last().head

    with transaction.atomic():
        with lifted():
            rewrite(place.province, 1, request_id="OTHER")
        # The control: the chain alone is whole again.
        assert sentences(place) == []
        assert [number for number, _sentence in sentences(place, head)] == [15]
        transaction.set_rollback(True)


def rewrite(province, number, **changes):
    """Change a record and compute every later hash anew, as a tamperer who knows the chain would."""
    previous = log.GENESIS
    for event in Event.objects.filter(office=province).order_by("number"):
        if event.number == number:
            for name, value in changes.items():
                setattr(event, name, value)
        event.previous_hash = previous
        event.own_hash = previous = log.digest(log.canonical(log.head_of(event)))
        Event.objects.filter(pk=event.pk).update(
            previous_hash=event.previous_hash, own_hash=event.own_hash, **(changes if event.number == number else {})
        )


@pytest.mark.parametrize("typed", ["", "17", "17-XYZ", "17-3F9A"])
def test_what_is_no_head_is_said_to_be_none(place, typed):
    assert len(sentences(place, typed)) == 1


def test_a_head_is_understood_in_thai_digits_and_small_letters(place):
    head = Event.objects.order_by("number").last().head

    assert sentences(place, thai.to_thai_digits(head).lower().replace("-", " – ")) == []


def test_guards_that_are_missing_are_named(place):
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")
    guards.take_down(connection)

    assert len(sentences(place)) == len(guards.wanted(connection))


# --- At random -------------------------------------------------------------------------------------------------------
COLUMNS = {
    Event: [field.attname for field in Event._meta.concrete_fields],
    EventText: ["event_id", "details", "before", "after"],
    Signature: [field.attname for field in Signature._meta.concrete_fields],
    Snapshot: [field.attname for field in Snapshot._meta.concrete_fields],
    Agreement: ["state"],
}


def other_value(chance, model, column, present):  # noqa: PLR0911  one answer a kind of column
    """Return another value that the column takes."""
    field = next(one for one in model._meta.concrete_fields if one.attname == column)
    kind = field.get_internal_type()
    if kind == "DateTimeField":
        return f"20{chance.randrange(10, 30)}-01-01 00:00:00.{chance.randrange(10**6):06}+00:00"
    if kind == "DateField":
        return f"20{chance.randrange(10, 30)}-01-{chance.randrange(10, 30)}"
    if kind == "JSONField":
        return f'{{"reason": "{chance.randrange(10**9)}"}}'
    if kind == "BooleanField":
        # SQLite reads every other number as false: that would be no other value.
        return not present
    if kind in ("CharField", "TextField"):
        if column == "state":
            return chance.choice([state for state in State.values if state != present])
        if column == "comment":
            return present + "x"
        return (f"{chance.randrange(10**12):012}" + str(present))[: field.max_length or None]
    return (present or 0) + chance.randrange(1000, 9000)


def change_a_cell(chance):
    model = chance.choice([Event, EventText, Signature, Snapshot, Agreement])
    column = chance.choice(COLUMNS[model])
    table = model._meta.db_table
    pk, present = chance.choice(rows(f'SELECT id, "{column}" FROM {table} ORDER BY id'))
    run(f'UPDATE {table} SET "{column}" = %s WHERE id = %s', other_value(chance, model, column, present), pk)


def delete_a_row(chance):
    table = chance.choice([Event, EventText, Signature, Snapshot])._meta.db_table
    run(f"DELETE FROM {table} WHERE id = %s", chance.choice(rows(f"SELECT id FROM {table} ORDER BY id"))[0])


def insert_a_row(chance):
    model = chance.choice([Event, Signature, Snapshot])
    table, columns = model._meta.db_table, [one for one in COLUMNS[model] if one != "id"]
    pk, *_rest = chance.choice(rows(f"SELECT id FROM {table} ORDER BY id"))
    anew = {
        Event: {"number": f"number + {chance.randrange(100, 900)}", "own_hash": f"'{chance.randrange(10**9)}'",
                "signature_id": "NULL"},
        Signature: {"capacity": "'witness'", "signatory_id": str(UserFactory().pk)},
        Snapshot: {"sha256": f"'{chance.randrange(10**9)}'"},
    }[model]  # fmt: skip
    named = ", ".join(f'"{column}"' for column in columns)
    taken = ", ".join(anew.get(column, f'"{column}"') for column in columns)
    run(f"INSERT INTO {table} ({named}) SELECT {taken} FROM {table} WHERE id = %s", pk)


def swap_two(chance):
    """Let two rows change places in a column that differs between them."""
    model, column = chance.choice(
        [(Event, "number"), (Event, "verb"), (Event, "details_hash"), (EventText, "details"),
         (Snapshot, "content"), (Signature, "signatory_id"), (Signature, "capacity")]
    )  # fmt: skip
    table = model._meta.db_table
    found = rows(f'SELECT id, CAST("{column}" AS text) FROM {table} ORDER BY id')
    (one, here), (two, there) = chance.choice([(a, b) for a in found for b in found if a[1] != b[1]])
    json = "::jsonb" if column == "details" and connection.vendor == "postgresql" else ""
    cast = {"number": "::bigint", "signatory_id": "::bigint"}.get(column, json)
    cast = cast if connection.vendor == "postgresql" else ""
    aside = {"number": "9999", "capacity": "'aside'", "signatory_id": str(UserFactory().pk)}.get(column)
    if aside:
        run(f'UPDATE {table} SET "{column}" = {aside} WHERE id = %s', one)
    run(f'UPDATE {table} SET "{column}" = %s{cast} WHERE id = %s', here, two)
    run(f'UPDATE {table} SET "{column}" = %s{cast} WHERE id = %s', there, one)


def cut_the_end(chance):
    for statement in cut_off(chance.randrange(0, 15)):
        run(statement)


def write_anew(chance):
    event = chance.choice(list(Event.objects.order_by("number")))
    rewrite(event.office, event.number, verb="nothing", request_id=str(chance.randrange(10**9)))


WAYS = (change_a_cell, change_a_cell, change_a_cell, delete_a_row, insert_a_row, swap_two, cut_the_end, write_anew)


def done(seed):
    """Tamper in one way; return how, or nothing where the database's own constraints refused it."""
    way = WAYS[seed % len(WAYS)]
    try:
        with lifted(), transaction.atomic():
            way(random.Random(seed))
    except IntegrityError:
        return None
    return way.__name__


def test_whatever_is_done_at_random_is_found(place, full_depth):
    head = Event.objects.order_by("number").last().head
    wanted, seed, unseen, ways = (300 if full_depth else 30), 0, [], []
    while len(ways) < wanted:
        with transaction.atomic():
            way = done(seed)
            ways += [way] if way else []
            if way and not sentences(place, head):
                unseen.append((seed, way))
            transaction.set_rollback(True)
        seed += 1

    assert unseen == []
    assert len(set(ways)) == 6
    assert sentences(place, head) == []


def test_a_check_that_looks_at_nothing_would_find_nothing(place, monkeypatch):
    for part in ("_chain", "_texts", "_signatures", "_snapshots", "_states"):
        monkeypatch.setattr(log_check, part, lambda *_: [])
    found = 0
    for seed in range(16):
        with transaction.atomic():
            done(seed)
            found += bool(sentences(place))
            transaction.set_rollback(True)

    assert found == 0


def test_nothing_is_reported_where_nothing_was_done(full_depth):
    for seed in range(50 if full_depth else 5):
        chance = random.Random(seed)
        place = office(indicators=chance.choice([1, 2]), releases_on_assessment=chance.random() < 0.5)
        for _ in range(chance.randrange(3)):
            bring_to(place, State.PROPOSED)
            services.return_with_reason(
                place.version, actions.RETURN_PROPOSAL, by=place.assessor, reason=f"แก้ {seed}", at=NOON
            )
            sign(place, actions.PROPOSE, place.assessee)
            place.agreement.refresh_from_db()
        bring_to(place, chance.choice([state for state in State if state not in ("draft", "proposed")]))
        head = Event.objects.filter(office=place.province).order_by("number").last().head

        assert sentences(place, head) == [], seed
    assert log_check.check(log_check.offices_with_a_log()).findings == ()


def test_what_was_ended_and_what_was_released_with_others_is_no_tampering():
    ended = bring_to(office(), State.AGREED)
    states.end(ended.version, by=ended.hr, because="transferred", reason="", at=NOON)
    first = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    second = bring_to(colleague(first), State.ASSESSED)
    batches.release([first.version, second.version], by=first.hr, at=NOON)

    assert log_check.check([ended.province, first.province]).findings == ()
