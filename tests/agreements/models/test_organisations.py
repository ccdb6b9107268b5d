import datetime

import pytest
from django.db import IntegrityError, transaction

from agreements.models import Framework, Organisation, Posting, Role, Round, User
from agreements.models.organisations import next_path
from tests.factories import (
    FrameworkFactory,
    OrganisationFactory,
    PostingFactory,
    RoleFactory,
    RoundFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

FIRST = datetime.date(2013, 1, 1)
LAST = datetime.date(2013, 1, 31)


@pytest.fixture
def tree():
    """Return a department with two provinces, each with a group that has a section."""
    department = OrganisationFactory(code="department", kind="department")
    places = {"department": department}
    for province in ("a", "b"):
        places[province] = OrganisationFactory(parent=department, code=province)
        places[f"{province}/group"] = OrganisationFactory(
            parent=places[province], code=f"{province}/group", kind="group"
        )
        places[f"{province}/group/section"] = OrganisationFactory(
            parent=places[f"{province}/group"], code=f"{province}/group/section", kind="group"
        )
    return {code: Organisation.objects.get(code=code) for code in places}


def codes(organisations):
    return list(organisations.order_by("path").values_list("code", flat=True))


# --- The tree --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("0001", "0002"),
        ("0009", "000A"),
        ("000Z", "0010"),
        ("00ZZ", "0100"),
        ("00010009", "0001000A"),
        ("0001000Z", "00010010"),
    ],
)
def test_the_path_beside_is_counted_in_the_digits_and_letters_of_paths(path, beside):
    assert next_path(path) == beside


@pytest.mark.parametrize(
    ("code", "within"),
    [
        ("department",
         ["department", "a", "a/group", "a/group/section", "b", "b/group", "b/group/section"]),
        ("a", ["a", "a/group", "a/group/section"]),
        ("b/group", ["b/group", "b/group/section"]),
        ("b/group/section", ["b/group/section"]),
    ],
)  # fmt: skip
def test_within_is_a_place_and_all_below_it(tree, code, within):
    assert codes(Organisation.objects.within(tree[code])) == within


def test_a_subtree_stays_whole_where_the_path_is_carried_over():
    department = OrganisationFactory(kind="department")
    for number in range(1, 39):
        OrganisationFactory(parent=OrganisationFactory(parent=department, code=f"p{number}"), code=f"p{number}/1")

    found = [codes(Organisation.objects.within(place)) for place in Organisation.objects.filter(depth=2)]

    assert found == [[f"p{number}", f"p{number}/1"] for number in range(1, 39)]


def test_a_subtree_is_one_question(tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        list(Organisation.objects.within(tree["a"]))


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("department", ["department"]),
        ("a/group/section", ["department", "a", "a/group", "a/group/section"]),
    ],
)
def test_the_line_of_a_place_runs_from_the_top_down(tree, code, line):
    assert [place.code for place in Organisation.objects.line_of(tree[code])] == line


def test_around_several_places_each_place_above_is_there_once(tree):
    paths = [tree["a/group"].path, tree["b"].path]

    assert codes(Organisation.objects.around(paths)) == ["department", "a", "a/group", "b"]
    assert codes(Organisation.objects.around([])) == []


@pytest.mark.parametrize(
    ("kind", "is_office"),
    [("department", True), ("province", True), ("municipality", True), ("local_government", True),
     ("bureau", False), ("group", False), ("district", False)],
)  # fmt: skip
def test_offices_keep_a_log_and_their_parts_do_not(kind, is_office):
    assert Organisation(kind=kind).is_office is is_office


def test_names_are_spelled_one_way_and_sorted_as_in_a_dictionary():
    for name in ("แพร่", "กระบี่", "เเม่ฮ่องสอน", "เลย", "กาญจนบุรี", "น\u0e4d\u0e32พอง"):
        OrganisationFactory(name=name)

    names = [place.name for place in Organisation.objects.in_thai_order()]

    assert names == ["กระบี่", "กาญจนบุรี", "นำพอง", "แพร่", "แม่ฮ่องสอน", "เลย"]


# --- People and positions --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"prefix": "นาง", "first_name": "สมศรี", "last_name": "ใจดี"}, "นางสมศรี ใจดี"),
        ({"prefix": "", "first_name": "สมศรี", "last_name": ""}, "สมศรี"),
    ],
)
def test_a_title_stands_directly_before_the_name(fields, name):
    assert User(**fields).full_name == name


@pytest.mark.parametrize(
    ("position_type", "printed"),
    [
        ("ทั่วไป", "นักส่งเสริมชำนาญการ"), ("วิชาการ", "นักส่งเสริมชำนาญการ"),
        ("อำนวยการ", "นักส่งเสริม"), ("บริหาร", "นักส่งเสริม"),
    ],
)  # fmt: skip
def test_a_position_is_printed_with_its_level_where_offices_do_so(position_type, printed):
    assert Posting(title="นักส่งเสริม", level="ชำนาญการ", position_type=position_type).printed_title == printed


@pytest.mark.parametrize(
    ("ends_on", "day", "held"),
    [
        (None, FIRST, True),
        (None, FIRST - datetime.timedelta(days=1), False),
        (LAST, LAST, True),
        (LAST, LAST + datetime.timedelta(days=1), False),
    ],
)
def test_a_position_is_held_from_its_first_to_its_last_day(ends_on, day, held):
    PostingFactory(starts_on=FIRST, ends_on=ends_on)

    assert Posting.objects.held_on(day).exists() is held


# --- Roles -----------------------------------------------------------------------------------------------------------
def test_roles_are_asked_by_person_and_kind(tree):
    person = UserFactory()
    RoleFactory(user=person, organisation=tree["a"], kind=Role.Kind.HR)
    RoleFactory(user=person, organisation=tree["b"], kind=Role.Kind.AUDITOR)
    RoleFactory(organisation=tree["department"], kind=Role.Kind.HR)

    assert Role.objects.paths(person, Role.Kind.HR) == [tree["a"].path]
    assert set(Role.objects.paths(person, Role.Kind.HR, Role.Kind.AUDITOR)) == {tree["a"].path, tree["b"].path}
    assert Role.objects.paths(person, Role.Kind.EXECUTIVE) == []


@pytest.mark.parametrize(
    ("works_at", "seen"),
    [
        ("a/group", ["department", "a", "a/group"]),
        ("a", ["department", "a"]),
        ("b", ["department", "b"]),
        ("department", ["department"]),
    ],
)
def test_rounds_and_frameworks_serve_the_places_below_their_organisation(tree, works_at, seen):
    for code in ("department", "a", "a/group", "b"):
        RoundFactory(organisation=tree[code])
        FrameworkFactory(organisation=tree[code], code=code)
    person = PostingFactory(organisation=tree[works_at]).user

    rounds = Round.objects.visible_to(person).order_by("organisation__path")
    frameworks = Framework.objects.visible_to(person).order_by("organisation__path")
    assert list(rounds.values_list("organisation__code", flat=True)) == seen
    assert list(frameworks.values_list("code", flat=True)) == seen


def test_a_role_lets_see_what_a_position_there_would(tree):
    RoundFactory(organisation=tree["a"])
    inside = RoleFactory(organisation=tree["a/group"], kind=Role.Kind.EXECUTIVE).user
    beside = RoleFactory(organisation=tree["b"], kind=Role.Kind.EXECUTIVE).user

    assert Round.objects.visible_to(inside).count() == 1
    assert Round.objects.visible_to(beside).count() == 0
    assert Round.objects.visible_to(UserFactory()).count() == 0


@pytest.mark.parametrize(
    ("where", "kind", "sees"),
    [
        ("a", Role.Kind.FRAMEWORK_EDITOR, True),
        ("department", Role.Kind.FRAMEWORK_EDITOR, True),
        ("a/group", Role.Kind.FRAMEWORK_EDITOR, False),
        ("b", Role.Kind.FRAMEWORK_EDITOR, False),
        ("a", Role.Kind.HR, False),
    ],
)
def test_a_draft_is_seen_by_its_editors_alone(tree, where, kind, sees):
    draft = FrameworkFactory(organisation=tree["a"], status="draft", version=None)
    person = RoleFactory(organisation=tree[where], kind=kind).user

    assert Framework.objects.visible_to(person).filter(pk=draft.pk).exists() is sees
    assert Framework.objects.editable_by(person).filter(pk=draft.pk).exists() is sees


def test_a_published_framework_is_nobodys_to_edit(tree):
    FrameworkFactory(organisation=tree["a"])
    editor = RoleFactory(organisation=tree["a"], kind=Role.Kind.FRAMEWORK_EDITOR).user

    assert Framework.objects.visible_to(editor).count() == 1
    assert Framework.objects.editable_by(editor).count() == 0


# --- What the database holds to --------------------------------------------------------------------------------------
def a_second_role():
    role = RoleFactory()
    return lambda **changes: RoleFactory(**{"user": role.user, "organisation": role.organisation} | changes)


def a_posting():
    return lambda **changes: PostingFactory(**{"starts_on": LAST, "ends_on": FIRST} | changes)


def a_second_user():
    person = UserFactory()
    return lambda **changes: UserFactory(**{"username": person.username} | changes)


def a_second_round():
    round_ = RoundFactory()
    return lambda **changes: RoundFactory(**{"organisation": round_.organisation} | changes)


def a_round_backwards():
    return lambda **changes: RoundFactory(**{"starts_on": LAST, "ends_on": FIRST} | changes)


def a_second_version():
    framework = FrameworkFactory()
    return lambda **changes: FrameworkFactory(**{"code": framework.code} | changes)


def a_published_framework_without_number():
    return lambda **changes: FrameworkFactory(**{"version": None} | changes)


def a_second_draft():
    draft = FrameworkFactory(status="draft", version=None)
    return lambda **changes: FrameworkFactory(**{"code": draft.code, "status": "draft", "version": None} | changes)


@pytest.mark.parametrize(
    ("prepare", "allowed"),
    [
        (a_second_role, {"kind": Role.Kind.AUDITOR}),
        (a_posting, {"ends_on": LAST}),
        (a_second_user, {"username": "another"}),
        (a_second_round, {"number": 2}),
        (a_round_backwards, {"ends_on": LAST + datetime.timedelta(days=1)}),
        (a_second_version, {"version": 2}),
        (a_published_framework_without_number, {"version": 1}),
        (a_second_draft, {"code": "another"}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_database_refuses_what_cannot_be(prepare, allowed):
    make = prepare()

    with pytest.raises(IntegrityError), transaction.atomic():
        make()
    # The control: the row differs in this alone.
    make(**allowed)
