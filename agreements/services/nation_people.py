"""The made-up nation's offices and people: provinces with groups and districts, made of nobody's name, by a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from agreements import thai
from agreements.models import Organisation, Posting, Role, User

#: Positions were taken up before the first round of any nation.
HELD_FROM = date(2002, 10, 1)
# One person a unit heads it; so many work under each.
IN_A_UNIT = 40
GROUPS = {
    "general": "งานบริหารทั่วไป",
    "development": "กลุ่มงานส่งเสริมและพัฒนาท้องถิ่น",
    "finance": "กลุ่มงานการเงินบัญชีและการตรวจสอบ",
    "legal": "กลุ่มงานกฎหมายระเบียบและเรื่องร้องทุกข์",
}
# Put together from syllables, so that they sound like names and are nobody's.
_FIRST = ("กิต", "จิร", "ชล", "ณัฐ", "ธน", "นพ", "ปวี", "พิช", "ภาณุ", "มณี", "รัช", "วร", "ศุภ", "สิริ", "อภิ", "เกษ")
_SECOND = ("ชัย", "ดา", "ธร", "นันท์", "พงศ์", "ภา", "รัตน์", "วุฒิ", "ศักดิ์", "สินี", "กานต์", "พร")
_FAMILY = ("แก้ว", "คง", "จันทร์", "ชื่น", "ดี", "ทอง", "บุญ", "ปลื้ม", "พูน", "มั่น", "ยิ้ม", "รุ่ง", "ศรี", "สุข", "แสง", "หาญ")
_OF = ("งาม", "เจริญ", "ใจดี", "ถาวร", "ทรัพย์", "ประเสริฐ", "พัฒนา", "ไพศาล", "มงคล", "วัฒนา", "สมบูรณ์", "สว่าง")
_KINDS = (
    ("นักส่งเสริมการปกครองท้องถิ่น", "วิชาการ", "ปฏิบัติการ"),
    ("นักส่งเสริมการปกครองท้องถิ่น", "วิชาการ", "ชำนาญการ"),
    ("นักวิชาการเงินและบัญชี", "วิชาการ", "ชำนาญการ"),
    ("นิติกร", "วิชาการ", "ชำนาญการ"),
    ("เจ้าพนักงานธุรการ", "ทั่วไป", "ปฏิบัติงาน"),
    ("เจ้าพนักงานส่งเสริมการปกครองท้องถิ่น", "ทั่วไป", "ชำนาญงาน"),
)
HEAD = ("นักส่งเสริมการปกครองท้องถิ่น", "วิชาการ", "ชำนาญการพิเศษ")
LEVELS = sorted({level for _title, _kind, level in (*_KINDS, HEAD)} | {"อำนวยการสูง", "บริหารสูง", "บริหารต้น"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """A provincial office, its HR officer, and the positions in it, the head's first."""

    office: Organisation
    hr: User
    postings: Sequence[Posting]


def shares(people: int, provinces: int) -> list[int]:
    """Return how many people work in each province, as evenly as can be."""
    least, over = divmod(people, provinces)
    return [least + (number < over) for number in range(provinces)]


def make_person(rng: Random, username: str, password: str) -> User:
    """Return a person with a made-up name, unsaved; all have the same password."""
    first, last = rng.choice(_FIRST) + rng.choice(_SECOND), rng.choice(_FAMILY) + rng.choice(_OF)
    prefix = rng.choice(("นาย", "นาง", "นางสาว"))
    return User(
        username=username,
        prefix=prefix,
        first_name=first,
        last_name=last,
        password=password,
        # As `User.save` has it, which writing many at once passes by.
        sort_key=thai.sort_key(f"{first} {last}"),
        search_key=thai.search_key(f"{prefix}{first}{last}{username}"),
    )


def make_province(
    department: Organisation, number: int, people: int, *, above: Posting, rng: Random, password: str
) -> Province:
    """Write the province `number` with `people` in its groups and districts; `above` assesses its head."""
    name = f"จังหวัดสมมติที่ {number}"
    office = _unit(department, f"province-{number:02}", f"สำนักงานส่งเสริมการปกครองท้องถิ่น{name}", "province", name)
    units = [office, *(_unit(office, *told, name) for told in _units(number, people))]
    users = User.objects.bulk_create(
        [make_person(rng, f"p{number:02}-{one:05}", password) for one in range(1, people + 1)], batch_size=500
    )
    head, *staff = users
    top = Posting.objects.create(
        **_held(head, office, ("ท้องถิ่นจังหวัด", "อำนวยการ", "อำนวยการสูง"), f"{number:02}00001", above)
    )
    led, below = staff[: len(units) - 1], staff[len(units) - 1 :]
    heads = Posting.objects.bulk_create(
        Posting(**_held(one, unit, HEAD, f"{number:02}{at:05}", top))
        for at, (one, unit) in enumerate(zip(led, units[1:], strict=True), 2)
    )
    others = Posting.objects.bulk_create(
        [
            Posting(
                **_held(
                    one, heads[at % len(heads)].organisation, rng.choice(_KINDS), f"{number:02}{at + 500:05}",
                    heads[at % len(heads)],
                )
            )
            for at, one in enumerate(below)
        ],
        batch_size=500,
    )  # fmt: skip
    hr = (below or staff or users)[0]
    editor = (below or staff or users)[-1]
    Role.objects.bulk_create(
        [
            Role(user=hr, organisation=office, kind=Role.Kind.HR),
            Role(user=head, organisation=office, kind=Role.Kind.EXECUTIVE),
            Role(user=editor, organisation=office, kind=Role.Kind.FRAMEWORK_EDITOR),
        ]
    )
    return Province(office=office, hr=hr, postings=[top, *heads, *others])


def _units(number: int, people: int) -> Iterator[tuple[str, str, str]]:
    """Yield code, name and kind of the units of a province: groups first, then as many districts as people fill."""
    wanted = min(len(GROUPS) + 1 + people // IN_A_UNIT, people - 1)
    groups = list(GROUPS.values())[:wanted]
    yield from ((f"province-{number:02}-{at}", title, "group") for at, title in enumerate(groups, 1))
    for at in range(1, wanted - len(groups) + 1):
        yield f"province-{number:02}-d{at}", f"ท้องถิ่นอำเภอที่ {at} จังหวัดสมมติที่ {number}", "district"


def _unit(parent: Organisation, code: str, name: str, kind: str, province: str) -> Organisation:
    # Fetched anew: the tree's bookkeeping on the parent changed with its last child.
    parent = Organisation.objects.get(pk=parent.pk)
    unit_code = {title: code for code, title in GROUPS.items()}.get(
        name, "district" if kind == "district" else "general"
    )
    made: Organisation = Organisation.objects.add_child(
        parent, {"code": code, "name": name, "kind": kind, "unit_code": unit_code, "province_name": province}
    )
    return made


def _held(
    user: User, unit: Organisation, position: tuple[str, str, str], number: str, assessor: Posting | None
) -> dict[str, object]:
    title, kind, level = position
    return {
        "user": user,
        "organisation": unit,
        "title": title,
        "position_type": kind,
        "level": level,
        "number": number,
        "assessor": assessor,
        "starts_on": HELD_FROM,
    }
