import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_pre_migrate_signal
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.migrations import Migration

from agreements import actions, guards
from agreements.models import (
    AgreedCompetency,
    Agreement,
    CellComment,
    Dimension,
    Event,
    EventText,
    Evidence,
    Framework,
    FrozenForm,
    Indicator,
    Item,
    Judgement,
    KeptState,
    Note,
    Observation,
    Outcome,
    Part,
    Party,
    PlanRow,
    Refusal,
    ReportForm,
    Result,
    Revision,
    Signature,
    Snapshot,
    State,
    StoredFile,
    Submission,
    Version,
)
from agreements.services import agreements as services, results
from tests.factories import NOON, UserFactory
from tests.guards import lifted
from tests.walks import bring_to, office, sign

pytestmark = pytest.mark.django_db


def assessed_office():
    """Return an office whose agreement has a row of every guarded kind, signed at the end."""
    place = bring_to(office(), State.REPORTED, value="50")
    stored = StoredFile.objects.create(sha256="a" * 64, size=1, content_type="text/plain", file="aa/a")
    Evidence.objects.create(
        result=Result.objects.get(), stored=stored, name="หลักฐาน.txt", added_by=place.assessee, added_at=NOON
    )
    with lifted():
        Dimension.objects.create(framework=place.framework, code="d", title="มิติ", order=1)
    KeptState.objects.create(
        part=place.version.part,
        checkpoint="6-month",
        content="{}",
        sha256="c" * 64,
        kept_by=place.assessee,
        kept_at=NOON,
    )
    return bring_to(place, State.CLOSED)


def row(table):
    """Return the key of the row that a tamperer picks."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id) FROM {table}")
        return cursor.fetchone()[0]


def run(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


TAMPERINGS = [
    # the table, the column, what it would say
    ("signature", "name", "คนอื่น"),
    ("signature", "signed_at", "2001-01-01 00:00:00+00:00"),
    ("signature", "decision", "agrees"),
    ("snapshot", "content", "{}"),
    ("snapshot", "sha256", "0" * 64),
    ("event", "verb", "nothing"),
    ("event", "at", "2001-01-01 00:00:00+00:00"),
    ("event", "own_hash", "0" * 64),
    ("eventtext", "details", '{"reason": "another"}'),
    ("version", "reason", "อื่น"),
    ("version", "full_score_reason", "อื่น"),
    ("version", "number", 9),
    ("party", "name", "คนอื่น"),
    ("party", "title", "อธิบดี"),
    ("item", "title", "เบากว่านี้"),
    ("item", "weight", "1"),
    ("item", "definition", "{}"),
    ("agreedcompetency", "expected", 1),
    ("agreedcompetency", "observed", 5),
    ("planrow", "method", "ไม่ต้อง"),
    ("result", "inputs", '{"value": "100"}'),
    ("result", "assessor_score", "5"),
    ("result", "outcome", '{"score": "5.0000"}'),
    ("evidence", "name", "อื่น.txt"),
    ("result", "evidence_at_hand", '["อื่น"]'),
    ("evidence", "listed_as", "อื่น"),
    ("keptstate", "content", '{"scores": 5}'),
    ("keptstate", "kept_at", "2001-01-01 00:00:00+00:00"),
    ("outcome", "graded", 1000000),
    ("outcome", "grade", "ดีเด่น"),
    ("storedfile", "sha256", "b" * 64),
    ("part", "number", 7),
    ("framework", "title", "อื่น"),
    ("framework", "status", "other"),
    ("framework", "content_hash", "0" * 64),
    ("dimension", "title", "อื่น"),
    ("indicator", "definition", "{}"),
    ("indicator", "weight", "1"),
]


@pytest.mark.parametrize(("table", "column", "value"), TAMPERINGS, ids=[f"{one[0]}.{one[1]}" for one in TAMPERINGS])
def test_the_database_lets_no_signed_column_be_changed(table, column, value):
    assessed_office()
    table = f"agreements_{table}"
    statement = f'UPDATE {table} SET "{column}" = %s WHERE id = {row(table)}'

    with pytest.raises(IntegrityError, match="does not change"):
        run(statement, value)
    # The control: without the guards the same statement goes through.
    with lifted():
        assert run(statement, value) == 1


DELETED = [
    "signature", "snapshot", "event", "keptstate", "outcome", "version", "party", "item", "agreedcompetency", "planrow",
    "result", "evidence", "agreement", "part", "framework", "dimension", "indicator",
]  # fmt: skip


@pytest.mark.parametrize("table", DELETED)
def test_the_database_lets_no_signed_row_be_deleted(table):
    assessed_office()
    statement = f"DELETE FROM agreements_{table} WHERE id = {row(f'agreements_{table}')}"

    with pytest.raises(IntegrityError, match="does not change"):
        run(statement)
    with transaction.atomic():
        with lifted():
            assert run(statement) == 1
        # What else refers to the row is not the question here.
        transaction.set_rollback(True)


@pytest.mark.parametrize("table", ["item", "agreedcompetency", "planrow", "dimension", "indicator"])
def test_the_database_lets_nothing_be_added_to_what_was_signed(table):
    assessed_office()
    model = apps.get_model("agreements", table)
    added = model.objects.first()
    added.pk, added._state.adding = None, True
    for name, value in {"code": "added", "order": 99, "lineage": "12345678-1234-5678-1234-567812345678"}.items():
        if hasattr(added, name):
            setattr(added, name, value)

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        added.save()
    with lifted():
        added.save()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite replaces rows unasked")
@pytest.mark.parametrize("table", ["signature", "snapshot", "event", "party", "item", "result", "agreement"])
def test_no_signed_row_is_replaced_by_an_insert(table):
    assessed_office()
    table = f"agreements_{table}"
    statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = {row(table)}"

    with pytest.raises(IntegrityError, match="does not change"):
        run(statement)
    with lifted():
        assert run(statement) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["signature", "snapshot", "event", "item", "indicator"])
def test_no_guarded_table_is_emptied_at_once(table):
    assessed_office()
    statement = f"TRUNCATE agreements_{table} CASCADE"
    run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="does not change"):
        run(statement)


def test_the_text_of_a_record_is_erased_whole_or_not_at_all():
    assessed_office()
    text = EventText.objects.first()

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        EventText.objects.filter(pk=text.pk).update(details={"reason": "another"})
    assert EventText.objects.filter(pk=text.pk).delete()[0] == 1


def test_an_earlier_version_does_not_become_the_current_one_again():
    place = bring_to(office(), State.PROPOSED)
    old = place.version
    services.return_with_reason(old, actions.RETURN_PROPOSAL, by=place.assessor, reason="แก้", at=NOON)
    Version.objects.filter(pk=place.version.pk).update(is_current=False)

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Version.objects.filter(pk=old.pk).update(is_current=True)
    with lifted():
        assert Version.objects.filter(pk=old.pk).update(is_current=True) == 1


def test_what_was_agreed_holds_still_in_the_version_that_carries_it():
    place = bring_to(office(), State.REPORTED)
    services.return_with_reason(place.version, actions.RETURN_REPORT, by=place.assessor, reason="แก้", at=NOON)
    assert place.version.signatures.count() == 0

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        place.version.items.update(weight="1")
    # What came of it is open again.
    bring_to(place, State.REPORTED, value="70")
    assert Result.objects.get().inputs == {"value": "70"}


def test_results_open_again_when_the_assessment_is_returned_and_close_when_it_is_signed_anew():
    place = bring_to(office(releases_on_assessment=False), State.ASSESSED)
    item = results.open_book(place.version).leaves[0]
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Result.objects.update(note="อื่น")

    services.return_with_reason(place.version, actions.RETURN_ASSESSMENT, by=place.hr, reason="ตรวจใหม่", at=NOON)
    results.correct(place.version, item, {"value": "60"}, reason="นับใหม่", by=place.assessor, at=NOON)
    results.explain_full_score(place.version, "", by=place.assessor)
    bring_to_assessed_again(place)

    assert Result.objects.get().outcome["score"] == "1.0000"
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Result.objects.update(note="อื่น")


def bring_to_assessed_again(place):
    levels = {entry.order: entry.expected for entry in place.version.competencies.all()}
    results.observe(place.version, levels, by=place.assessor)
    lineage = place.version.items.get().lineage
    PlanRow.objects.create(
        version=place.version, about_item=lineage, order=1, need="ก", method="ข", period="ค", measure="ง"
    )
    sign(place, actions.ASSESS, place.assessor)


def test_drafts_are_open():
    place = office()
    services.choose_indicators(place.version, place.indicators, by=place.assessee, at=NOON)
    place.version.items.update(weight="1")
    place.version.parties.update(name="คนอื่น")
    draft = Framework.objects.create(
        organisation=place.province, code="draft", title="ร่าง", level="province", created_at=NOON
    )
    indicator = Indicator.objects.create(framework=draft, code="1", title="ก", order=1, definition={})
    Indicator.objects.filter(pk=indicator.pk).update(title="ข")

    assert indicator.delete()[0] == 1
    assert place.version.items.all().delete()[0] == 1


def test_a_draft_cannot_be_moved_into_what_was_signed():
    place = bring_to(office(), State.PROPOSED)
    other = office()
    services.choose_indicators(other.version, other.indicators, by=other.assessee, at=NOON)
    item = other.version.items.get()

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(version=place.version, code="x")


# --- The list and the database ---------------------------------------------------------------------------------------
def test_the_database_has_exactly_the_guards_of_the_list():
    assert guards.standing(connection) == guards.wanted(connection)
    assert guards.missing(connection) == []


def test_every_column_of_a_guarded_model_is_guarded_or_free_with_a_reason():
    for name in {guard.model for guard in guards.GUARDS}:
        held = {column for guard in guards.GUARDS if guard.model == name for column in guard.columns}
        fields = {field.name for field in apps.get_model("agreements", name)._meta.concrete_fields} - {"id"}
        free = guards.FREE.get(name, {}).keys()
        assert held == {"*"} or held | free == fields, name
        assert not held & free


GUARDED = (
    Signature, Snapshot, Event, EventText, Version, Party, Item, Judgement, AgreedCompetency, PlanRow, Result, Evidence,
    StoredFile, Agreement, Part, Refusal, Note, Framework, Dimension, Indicator, ReportForm, Submission, Revision,
    Observation, CellComment, KeptState, Outcome, FrozenForm,
)  # fmt: skip


def test_these_are_guarded():
    assert {guard.model for guard in guards.GUARDS} == {model.__name__ for model in GUARDED}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite remakes tables")
@pytest.mark.django_db(transaction=True)
def test_guards_are_put_back_after_a_migration_has_remade_a_table():
    with connection.schema_editor() as editor:
        editor._remake_table(Event)
    # The control: remaking alone loses those of the table.
    lost = {name for name in guards.wanted(connection) if name.startswith("guard_agreements_event_")}
    assert set(guards.missing(connection)) == lost

    call_command("migrate", verbosity=0)

    assert guards.missing(connection) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite remakes tables")
@pytest.mark.django_db(transaction=True)
def test_guards_stand_in_the_way_of_no_migration():
    # The control: guards of other tables name this one, and SQLite refuses to remake it.
    with pytest.raises(OperationalError, match="error in trigger"), connection.schema_editor() as editor:
        editor._remake_table(Signature)

    emit_pre_migrate_signal(
        verbosity=0, interactive=False, db="default", plan=[(Migration("any", "agreements"), False)]
    )
    with connection.schema_editor() as editor:
        editor._remake_table(Signature)
    call_command("migrate", verbosity=0)

    assert guards.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_a_migrate_that_has_nothing_to_do_opens_no_gap():
    emit_pre_migrate_signal(verbosity=0, interactive=False, db="default", plan=[])

    assert guards.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_guards_that_somebody_took_down_are_missed_and_put_back():
    guards.take_down(connection)
    assert guards.missing(connection) == sorted(guards.wanted(connection))

    call_command("migrate", verbosity=0)

    assert guards.missing(connection) == []


@pytest.mark.postgres
def test_a_guard_that_was_switched_off_is_missed():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE agreements_event DISABLE TRIGGER guard_agreements_event_update")

    assert guards.missing(connection) == ["guard_agreements_event_update"]


def test_parties_may_be_added_where_somebody_witnesses():
    place = bring_to(office(), State.RELEASED)

    Party.objects.create(version=place.version, capacity="witness", user=UserFactory(), name="พยาน", title="นิติกร")

    assert place.version.parties.count() == 4
    assert AgreedCompetency.objects.count() == 2
