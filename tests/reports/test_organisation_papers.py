"""An organisation's agreement on paper, in every state: what stands on it, read back from the PDF."""

import re
from functools import cache

import pytest
from django.urls import reverse

from agreements.models import Agreement, Capacity, Part, Party, Version
from agreements.services.agreements import party
from agreements.services.seals import read_seal
from reports import documents
from reports.rows.organisation import as_kept, organisation_set
from tests.factories import (
    NOON,
    FrameworkFactory,
    IndicatorFactory,
    OrganisationFactory,
    PostingFactory,
    RoleFactory,
    RoundFactory,
    UserFactory,
)
from tests.guards import lifted
from tests.reports import contents, municipality, papers

SHEETS = ("agreement", "proposal")
LONG = "การพัฒนาระบบบริหารจัดการและการให้บริการประชาชนขององค์กรปกครองส่วนท้องถิ่น " * 14


@cache
def paper(state, *, forms=SHEETS, digits="arabic"):
    made = {
        "nameless": (municipality.nameless, ()),
        "blank": (municipality.blank, ()),
        "agreed": (municipality.agreed, municipality.start_signatures()),
        "finished": (municipality.finished, municipality.all_signatures()),
    }
    content, signatures = made[state]
    return municipality.paper_of(content(), signatures, forms=forms, digits=digits)


def words(state, **choice):
    return papers.text_of(paper(state, **choice))


def flat(state, **choice):
    """Return the text without any space, so that the line breaks of cells and statements do not matter."""
    return "".join(papers.text_of(paper(state, **choice), layout=False).split())


# --- The agreement ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["blank", "agreed", "finished"])
def test_four_statements_name_both_sides_in_searchable_thai(state):
    text = flat(state, forms=("agreement",))

    for said in (
        "1.ข้าพเจ้านางสาวสุดาตัวอย่างปลัดเทศบาลนครสมมติบุรีในฐานะหัวหน้าส่วนราชการของเทศบาลนครสมมติบุรี",
        "2.ข้าพเจ้านายสมชายตัวอย่างนายกเทศมนตรีนครสมมติบุรีในฐานะผู้บริหารเทศบาลนครสมมติบุรี",
        "ได้ร่วมกันจัดทำตัวชี้วัด",
        "3.ข้าพเจ้านางสาวสุดาตัวอย่าง",
        "ได้ทำความเข้าใจข้อตกลงตามที่กำหนดในแบบข้อเสนอฯ",
        "4.ทั้งสองฝ่ายได้ทำความเข้าใจ",
        "จึงได้ลงลายมือชื่อไว้เป็นสำคัญ",
    ):
        assert said in text


@pytest.mark.parametrize("state", ["nameless", "agreed"])
@pytest.mark.parametrize("digits", ["arabic", "thai"])
def test_agreement_with_both_sides_and_two_witnesses_fits_on_a_page(state, digits):
    found = paper(state, forms=("agreement",), digits=digits)

    assert papers.facts_of(found)["Pages"] == "1"
    assert papers.text_of(found).count("พยาน") == 2


@pytest.mark.parametrize("digits", ["arabic", "thai"])
def test_four_signed_witnesses_stand_on_the_page_that_they_witness(digits):
    content = municipality.agreed()
    more = {f"witness_{number}": content["parties"]["witness_1"] for number in (3, 4)}
    content["parties"] = content["parties"] | more
    signatures = [*municipality.start_signatures(), *(contents.signature(one, "agree") for one in more)]

    found = municipality.paper_of(content, signatures, forms=("agreement",), digits=digits)

    assert papers.facts_of(found)["Pages"] == "1"
    assert len(re.findall(r"อิเล็กทรอนิกส์\s+พยาน", papers.text_of(found))) == 4


def test_each_signature_carries_day_code_and_qr_code():
    html = municipality.html_of(municipality.agreed(), municipality.start_signatures(), forms=("agreement",))

    assert html.count('class="qr"') == 4
    assert html.count("วันที่ 18 ก.พ. 2556") == 4
    assert html.count("รหัส <span translate=\"no\">AB12CD34EF56") == 4  # fmt: skip


def test_nobody_named_leaves_lines_to_write_on():
    text = flat("nameless", forms=("agreement",))

    assert "1.ข้าพเจ้าตำแหน่งในฐานะหัวหน้าส่วนราชการ" in text
    assert text.count("(ลงชื่อ)") == 4


def test_superior_of_another_office_is_no_head_of_this_one():
    content = municipality.blank()
    content["parties"]["assessor"]["office"] = "จังหวัดสมมติ"

    html = municipality.html_of(content, forms=("agreement",))

    assert "ในฐานะผู้บังคับบัญชาของเทศบาลนครสมมติบุรี" in html
    assert "ในฐานะผู้บริหาร" not in html


# --- แบบข้อเสนอและประเมินผลสัมฤทธิ์ -----------------------------------------------------------------------------------
def test_groups_stand_above_their_indicators_with_their_weights():
    rows = municipality.set_of(municipality.agreed()).proposal.rows

    groups = [(row.depth, row.title, row.weight) for row in rows if row.is_group]
    assert groups == [
        (0, "ประสิทธิผลการปฏิบัติราชการ", "30"),
        (0, "คุณภาพการให้บริการ", "20"),
        (0, "ประสิทธิภาพของการปฏิบัติราชการ", "20"),
        (0, "การพัฒนาองค์กร", "20"),
        (1, "การบริหารทรัพยากรบุคคล", ""),
        (1, "การจัดการสารสนเทศ", ""),
        (0, "ความสำเร็จของการประเมินองค์กร/ผู้บริหาร", "5"),
        (0, "การบริหารจัดการความเสี่ยง/การปฏิบัติตามแผนป้องกันการทุจริต", "5"),
    ]


def test_groups_and_office_are_those_that_were_signed():
    content = municipality.agreed() | {
        "organisation": {"name": "เทศบาลเมืองเดิม", "kind": "municipality", "province": ""},
        "groups": [{"code": "quality", "title": "คุณภาพที่ลงนาม", "weight": "21", "items": ["7"]}],
    }
    del content["items"][6]["definition"]["dimension"]

    made = municipality.set_of(content)

    assert made.office == "เทศบาลเมืองเดิม"
    assert [(row.title, row.weight) for row in made.proposal.rows if row.is_group][1] == ("คุณภาพที่ลงนาม", "21")
    assert {one.sheet.code: one.group for one in made.indicator_sheets}["7"] == "คุณภาพที่ลงนาม"


def test_work_is_numbered_as_in_the_source_and_said_once():
    rows = municipality.set_of(municipality.agreed()).proposal.rows

    by_code = {row.code: row for row in rows if not row.is_group}
    assert [by_code[code].number for code in ("1", "20", "21", "22", "23", "24", "28", "29")] == [
        "1", "20", "", "", "21", "22", "23", "",
    ]  # fmt: skip
    assert (by_code["21"].goes_on, by_code["21"].work) == (True, "")


def test_sub_indicators_carry_weight_and_score_and_their_parent_none():
    rows = municipality.set_of(municipality.finished()).proposal.rows

    by_code = {row.code: row for row in rows if not row.is_group}
    nine = [by_code[code] for code in ("9", "9.1", "9.2", "9.3")]
    assert [(row.weight, row.outcome.score) for row in nine] == [
        ("", ""), ("1.67", "5.0000"), ("1.66", "4.0000"), ("1.67", "3.0000"),
    ]  # fmt: skip


def test_described_levels_are_numbers_and_words_stand_across():
    rows = municipality.set_of(municipality.agreed()).proposal.rows

    by_code = {row.code: row for row in rows if not row.is_group}
    assert by_code["8"].criteria.cells == ("1", "2", "3", "4", "5")
    assert by_code["28"].criteria.cells == ("1", "2", "3", "4", "5")
    assert by_code["6"].criteria.cells == ("-", "-", "-", "-", "1")
    assert by_code["23.1"].criteria.across == "5 = มีการมอบอำนาจ"


@pytest.mark.parametrize(
    "figure", ["3.9385", "78.77", "3.9385 ผ่าน ดี (เขียวอ่อน)", "(ค) × 20", "2.9412", "4.6940", "1.67", "5.8824"]
)
def test_finished_form_carries_the_figures_as_scored(figure):
    assert figure in words("finished")


def test_only_the_grade_that_was_reached_is_ticked():
    grades = municipality.set_of(municipality.finished()).proposal.grades

    assert [(one.bounds, one.label, one.colour, one.colour_class, one.reached) for one in grades] == [
        ("0.00 – 1.49", "ไม่ผ่าน", "แดง", "red", False),
        ("1.50 – 2.49", "ไม่ผ่าน เห็นควรปรับปรุง", "ส้ม", "orange", False),
        ("2.50 – 3.49", "ผ่าน พอใช้", "เหลือง", "yellow", False),
        ("3.50 – 4.49", "ผ่าน ดี", "เขียวอ่อน", "light-green", True),
        ("4.50 – 5.00", "ผ่าน ดีมาก", "เขียวแก่", "dark-green", False),
    ]


def test_grades_out_of_a_hundred_end_there():
    content = municipality.blank()
    content["round"]["grades"] = [{"from": "60", "label": "ผ่าน", "colour": "ม่วง"}, {"from": "0", "label": "ไม่ผ่าน"}]

    grades = municipality.set_of(content).proposal.grades

    assert [(one.bounds, one.colour_class) for one in grades] == [("0.00 – 59.99", ""), ("60.00 – 100.00", "")]


def test_opinion_of_the_one_above_stands_with_the_signature():
    content = municipality.finished() | {"full_score_reason": "ทุกตัวชี้วัดเต็ม"}
    above = {"reviewer": municipality.PARTIES["assessor"] | {"name": "นายเหนือ ตัวอย่าง", "title": "ผู้ว่าราชการจังหวัด"}}
    content["parties"] = content["parties"] | above
    differs = contents.signature("reviewer", decision="differs", comment="ควรทบทวนตัวชี้วัดที่ 2")

    html = municipality.html_of(content, [*municipality.all_signatures(), differs], forms=("proposal",))

    assert 'มีความเห็นต่าง : <span class="prose">ควรทบทวนตัวชี้วัดที่ 2</span>' in html
    assert "ผู้บังคับบัญชาเหนือขึ้นไป :" in html
    assert html.count('<p class="mid">–</p>') == 1
    assert 'เหตุผลประกอบกรณีได้คะแนนเต็ม : <span class="prose">ทุกตัวชี้วัดเต็ม</span>' in html


@pytest.mark.parametrize("state", ["nameless", "agreed"])
def test_before_the_result_no_score_and_no_grade_is_printed(state):
    assert re.findall(r"\d\.\d{4}", words(state)) == []
    assert municipality.set_of(municipality.agreed()).proposal.grade is None


def test_weights_out_of_force_are_rebased_below_the_column():
    text = words_of_cancelled()

    assert "× 100 / 95" in text
    assert "ยกเลิก:" in text


def words_of_cancelled():
    content = municipality.finished(municipality.RESULTS | {"1": {"cancelled": "ไม่มีโครงการ"}})
    return papers.text_of(municipality.paper_of(content, municipality.all_signatures(), forms=("proposal",)))


def test_every_page_is_numbered_and_names_its_sheet():
    pages = papers.pages_of(paper("agreed"))

    assert [re.search(r"หน้า (\S+)", page)[1] for page in pages] == [
        f"{number}/{len(pages)}" for number in range(1, len(pages) + 1)
    ]
    assert all("เทศบาลนครสมมติบุรี · ปีงบประมาณ พ.ศ. 2564" in re.sub(" +", " ", page) for page in pages)
    assert all("ผลสัมฤทธิ์ของงาน" in page for page in pages[1:-1])


def test_thai_digits_reach_every_figure_but_the_codes():
    text = words("finished", digits="thai")

    assert "๓.๙๓๘๕ ผ่าน ดี" in text
    assert sorted(set(re.findall(r"\S*[0-9]\S*", text))) == ["0123456789AB", "AB12CD34EF56"]


def test_very_long_work_and_titles_lose_nothing():
    content = municipality.agreed()
    content["items"] = content["items"][:2]
    content["items"][0] |= {"title": f"{LONG} ZZTITLE", "goal": f"{LONG} ZZGOAL"}

    text = papers.text_of(municipality.paper_of(content, forms=("proposal",)))

    assert "ZZTITLE" in text
    assert "ZZGOAL" in text


def test_self_assessment_within_the_year_is_printed_as_it_was_kept():
    done = municipality.finished()
    kept = {
        "checkpoint": "6-month",
        "on": "2021-03-31",
        "results": {"1": {"inputs": {"value": "60"}, "note": "", "evidence": [], "evidence_at_hand": ["แผนพัฒนา"]}},
        "scores": municipality.scores_of(
            municipality.finished({"1": {"value": "60"}}) | {"results": {"1": {"inputs": {"value": "60"}}}}
        ),
    }
    source = as_kept(contents.source(done, municipality.all_signatures()), kept)

    made = organisation_set(
        source, office="", dimensions=municipality.framework()["dimensions"], verify_url=contents.verify_url
    )

    first = next(row for row in made.proposal.rows if row.code == "1")
    assert made.proposal.kept == "การประเมินตนเองรอบ 6 เดือน ณ วันที่ 31 มีนาคม 2564"
    assert (first.outcome.result, first.outcome.score) == ("60.0000", "2.0000")
    assert made.proposal.total == "0.1000"
    # What was signed of the year's result is not of that day, and no code stands for what nobody signed.
    assert [bool(row.end.code) for row in made.proposal.signing] == [False, False]
    assert [bool(row.start.code) for row in made.proposal.signing] == [True, True]
    assert made.code == ""
    assert [one.ticked for one in made.indicator_sheets[0].evidence] == [True, False, False, False]


# --- รายละเอียดตัวชี้วัด ------------------------------------------------------------------------------------------------
def test_sheet_names_group_owner_collector_and_proofs_to_tick():
    content = municipality.finished()
    content["items"] = content["items"][:1]
    content["results"]["1"]["evidence_at_hand"] = ["แผนพัฒนา"]

    html = municipality.html_of(content, forms=("kpi",))

    assert "<b>ประเด็นการประเมินผล :</b> ประสิทธิผลการปฏิบัติราชการ" in html
    assert "<b>ผู้อำนวยการกองวิชาการและแผนงาน</b>" in html
    assert "<b>ฝ่ายแผนงานและงบประมาณ</b>" in html
    assert re.findall(r'<span class="box( ticked)?"></span>([^<]+)', html) == [
        (" ticked", "แผนพัฒนา"),
        ("", "เทศบัญญัติงบประมาณรายจ่ายประจำปี"),
        ("", "ประกาศจัดซื้อ จัดจ้าง"),
        ("", "สัญญาจัดซื้อ จัดจ้าง"),
    ]
    # Nobody is assessed in person, and no years before are asked for where none are known.
    assert "ผู้รับผิดชอบตัวชี้วัด" not in html
    assert "รายละเอียดข้อมูลพื้นฐาน" not in html


def test_sub_indicator_stands_in_the_group_of_its_parent():
    sheets = {one.sheet.code: one.group for one in municipality.set_of(municipality.agreed()).indicator_sheets}

    assert (sheets["9.1"], sheets["16"]) == ("คุณภาพการให้บริการ", "การบริหารทรัพยากรบุคคล")
    assert len(sheets) == 35


# --- The pages -------------------------------------------------------------------------------------------------------
@pytest.fixture
def place(db):
    """Return an organisation's agreement with one indicator in a group, and HR."""
    city = OrganisationFactory(name="เทศบาลเมืองทดสอบ", kind="municipality")
    round_ = RoundFactory(organisation=city, number=0, competency_set=None)
    mayor = PostingFactory(organisation=city, title="นายกเทศมนตรี")
    clerk = PostingFactory(organisation=city, title="ปลัดเทศบาล", assessor=mayor)
    framework = FrameworkFactory(organisation=city)
    with lifted("agreements_dimension"):
        group = framework.dimensions.create(code="one", title="คุณภาพการให้บริการ", weight="100", order=1)
    indicator = IndicatorFactory(
        framework=framework,
        dimension=group,
        definition=IndicatorFactory.definition.function() | {"dimension": "one"},
    )
    agreement = Agreement.objects.create(round=round_, organisation=city, state_since=NOON)
    part = Part.objects.create(
        agreement=agreement, posting=clerk, assessor=mayor, starts_on=round_.starts_on, ends_on=round_.ends_on
    )
    version = Version.objects.create(part=part, number=1, created_by=clerk.user, created_at=NOON)
    Party.objects.bulk_create([party(version, Capacity.ASSESSEE, clerk), party(version, Capacity.ASSESSOR, mayor)])
    version.items.create(
        indicator=indicator, code="1", title=indicator.title, weight="100", order=1, definition=indicator.definition
    )
    hr = RoleFactory(organisation=city).user
    return {"agreement": agreement, "hr": hr, "clerk": clerk.user}


def address(name, place, query=""):
    return reverse(f"reports:{name}", args=[place["agreement"].pk]) + query


def test_organisations_agreement_is_previewed_with_its_own_papers(client, place):
    client.force_login(place["clerk"])

    page = client.get(address("preview", place)).content.decode()

    assert re.findall(r'<article class="sheet ([^"]+)">', page) == ["agreement", "wide proposal", "kpi"]
    assert re.findall(r'name="forms" value="(\w+)" checked', page) == list(documents.ORGANISATION_FORMS)
    assert '<td colspan="9" class="in-0">คุณภาพการให้บริการ</td><td class="mid">100</td>' in page
    assert " style=" not in page.partition('class="paper desk')[2]


def test_its_pdf_is_named_after_it_and_sealed_with_its_code(client, place):
    client.force_login(place["hr"])

    response = client.get(address("forms-pdf", place, "?forms=agreement&digits=thai"))

    text = papers.text_of(response.content)
    assert "ประจำปีงบประมาณ พ.ศ. ๒๕๕๖" in text
    assert re.search(r"รหัสเนื้อหา [0-9A-F]{12}", text)
    assert papers.facts_of(response.content)["Title"] == "ข้อตกลงการปฏิบัติราชการ ปีงบประมาณ พ.ศ. 2556 เทศบาลเมืองทดสอบ"
    assert read_seal(response.content) is not None


@pytest.mark.parametrize("query", ["?forms=1", "?forms=agreement,2"])
def test_a_persons_forms_are_no_papers_of_an_organisation(client, place, query):
    client.force_login(place["clerk"])

    assert client.get(address("preview", place, query)).status_code == 400


@pytest.mark.parametrize("name", ["preview", "forms-pdf"])
def test_stranger_finds_nothing(client, place, name):
    client.force_login(UserFactory())

    assert client.get(address(name, place)).status_code == 404
