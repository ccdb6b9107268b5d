"""The agreement of a municipality in a real browser, from the draft to closed, by the nonthaburi-2564 framework."""

import datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from agreements.exchange.documents import read_document
from agreements.models import Agreement, Framework, KeptState, Result, Signature
from agreements.services import frameworks
from tests.factories import (
    GRADES_ON_TOTAL,
    NOON,
    OrganisationFactory,
    PostingFactory,
    RoleFactory,
    RoundFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

FRAMEWORK = Path(__file__).parents[2] / "fixtures" / "frameworks" / "nonthaburi-2564.yaml"
# What is entered for each indicator, and the self score that the page gives it: the roll-up of scoring-rules.md.
VALUES = {
    "1": ({"variable_done": "31", "variable_planned": "40"}, "3.7500"),
    "2": ({"variable_paid": "900", "variable_registered": "1,000"}, "5.0000"),
    "3": ({"variable_disbursed": "60,000,000", "variable_budget": "80,000,000"}, "5.0000"),
    "4": ({"value": "4"}, "3.0000"),
    "5": ({"value": "๔"}, "4.0000"),
    "6": ({"value": "1"}, "5.0000"),
    "7": ({"values": "89.1"}, "4.4100"),
    "8": ({"level": 4}, "4.0000"),
    "9.1": ({"value": "5"}, "5.0000"),
    "9.2": ({"value": "4"}, "4.0000"),
    "9.3": ({"value": "3"}, "3.0000"),
    "10": ({"value": "9"}, "3.0000"),
    "11": ({"variable_standard": "100,000", "variable_actual": "85,000"}, "2.9412"),
    "12": ({"level": 5}, "5.0000"),
    "13": ({"level": 5}, "5.0000"),
    "14": ({"level": 0}, "0.0000"),
    "15": ({"level": 5}, "5.0000"),
    "16": ({"level": 4}, "4.0000"),
    "17": ({"value": "5"}, "3.0000"),
    "18": ({"value": "5"}, "4.0000"),
    "19": ({"value": "5"}, "5.0000"),
    "20": ({"value": "7"}, "3.5000"),
    "21": ({"level": 5}, "5.0000"),
    "22": ({"level": 5}, "5.0000"),
    "23.1": ({"level": 5}, "5.0000"),
    "23.2": ({"level": 1}, "1.0000"),
    "23.3": ({"value": "4"}, "4.0000"),
    "24": ({"value": "72.3"}, "3.4600"),
    "25": ({"value": "80"}, "5.0000"),
    "26": ({"value": "83.47"}, "4.6940"),
    "27": ({"value": "12.6"}, "2.6000"),
    "28": ({"done": ["1", "2", "3"]}, "3.0000"),
    "29": ({"variable_done": "85", "variable_planned": "100"}, "3.5000"),
}


OCTOBER = datetime.date(2020, 10, 1)


def person(username, place, title, **fields):
    """Return the position of somebody with an account."""
    return PostingFactory(
        user=UserFactory(username=username),
        organisation=place,
        title=title,
        position_type="",
        starts_on=OCTOBER,
        **fields,
    )


@pytest.fixture
def municipality():
    """Make a municipality with its people, its round of the year and its framework; nothing is agreed yet."""
    place = OrganisationFactory(kind="municipality", name="เทศบาลนครสมมติ", province_name="นนทบุรี")
    planning = OrganisationFactory(parent=place, kind="bureau", unit_code="planning", name="กองวิชาการและแผนงาน")
    mayor = person("mayor", place, "นายกเทศมนตรีนครสมมติ")
    person("clerk", place, "ปลัดเทศบาลนครสมมติ", assessor=mayor)
    for number in range(1, 3):
        person(f"deputy{number}", place, "รองนายกเทศมนตรี")
    person("planner", planning, "ผู้อำนวยการกองวิชาการและแผนงาน")
    person("officer", planning, "หัวหน้าฝ่ายแผนงานและงบประมาณ")
    RoleFactory(user=person("personnel", place, "หัวหน้าฝ่ายการเจ้าหน้าที่").user, organisation=place)
    round_ = RoundFactory(
        organisation=place, fiscal_year=2564, number=0, subject="organisations", grades=GRADES_ON_TOTAL,
        grades_on="5", competency_set=None, achievement_weight="100", competency_weight="0",
        starts_on=OCTOBER, ends_on=datetime.date(2021, 9, 30),
    )  # fmt: skip
    document = read_document(FRAMEWORK.read_bytes(), name=FRAMEWORK.name)
    imported = frameworks.import_framework(document, organisation=place, at=NOON, by=None)
    frameworks.publish(imported.framework, at=NOON, by=None)
    assert Framework.objects.get().total_weight == 100
    return round_


def choose_person(page, name, words):
    """Choose the one person in a list whose line holds `words`."""
    choice = page.locator(f"select[name={name}] option", has_text=words)
    page.locator(f"select[name={name}]").select_option(choice.first.get_attribute("value"))


def fill(page, name, value):
    if name == "level":
        page.locator(f"input[name=level][value='{value}']").check()
    elif name == "done":
        for step in value:
            page.locator(f"input[name=done][value='{step}']").check()
    else:
        page.locator(f"[name={name}]").fill(value)


def sign(page, agreement, code):
    """Sign on the check page as its one button names it."""
    page.goto(f"/agreements/{agreement.pk}/sign/{code}/")
    page.locator("main form button.btn-primary").click()
    expect(page).to_have_url(f"{page.url.split('/agreements/')[0]}/agreements/{agreement.pk}/")


def opened(page, round_):
    """Open the municipality's agreement as HR does, from the page of the round."""
    page.goto(round_.get_absolute_url())
    page.locator("a[href$='/organisations/open/']").click()
    choose_person(page, "organisation", "เทศบาลนครสมมติ")
    choose_person(page, "signs", "ปลัดเทศบาลนครสมมติ")
    choose_person(page, "agrees", "นายกเทศมนตรีนครสมมติ")
    deputies = page.locator("select[name=witness_1] option", has_text="รองนายกเทศมนตรี")
    for number in range(2):
        page.locator(f"select[name=witness_{number + 1}]").select_option(deputies.nth(number).get_attribute("value"))
    page.locator("main form button.btn-primary").click()
    return Agreement.objects.get()


def propose(page, agreement):
    """Choose all indicators, fill in what the source leaves open, and sign."""
    page.goto(f"/agreements/{agreement.pk}/items/choose/")
    for box in page.locator("input[name=indicator]").all():
        if box.is_enabled():
            box.check()
    page.locator("form:has(input[name=indicator])").locator("button.btn-primary").click()
    expect(page.locator("[data-weight-total]")).to_contain_text("100 / 100")
    # The groups weigh what the framework gives them.
    for weight in ("30", "20", "5"):
        expect(page.locator("section[aria-labelledby=group-weights]")).to_contain_text(weight)
    page.locator("a[href$='/blanks/']").first.click()
    for box in page.locator("input[name^=blank_], textarea[name^=blank_]").all():
        box.fill("30 กันยายน 2564")
    page.locator("[data-save]").click()
    sign(page, agreement, "propose")


def witness(page):
    """Sign as witness, found among one's own work."""
    page.goto("/")
    page.locator(".work a[href*='/sign/witness-agreement-']").click()
    page.locator("main form button.btn-primary").click()
    expect(page.locator(".signatures").first).to_contain_text("รองนายกเทศมนตรี")


def give_duties(page, address, item):
    """Give the work to whom the framework names, and one indicator by hand."""
    page.goto(f"{address}duties/")
    page.locator("form[action$='/by-title/'] button").click()
    choose_person(page, "posting", "หัวหน้าฝ่ายแผนงานและงบประมาณ")
    page.locator(f"#tick-{item.lineage}").check()
    page.locator("button[form=give]").click()
    expect(page.locator(f"tr:has(#tick-{item.lineage})")).to_contain_text("หัวหน้าฝ่ายแผนงานและงบประมาณ")


def collect(page, address, item):
    """Enter an indicator as its collector, found among one's own work, and tick off its evidence."""
    page.goto("/")
    page.locator(f"#looked-after ~ ul a[href='{address}results/']").click()
    page.locator(f"main a[href$='{item.lineage}/']").click()
    page.wait_for_load_state()
    inputs, score = VALUES[item.code]
    for name, value in inputs.items():
        fill(page, name, value)
    expect(page.locator("#score-panel")).to_contain_text(score)
    page.locator("form[data-draft] [data-save]").click()
    page.locator("#listed-1").check()
    page.locator("form[action$='/listed/'] button").click()
    expect(page.locator("#listed-1")).to_be_checked()


def keep_state(page, address, months, total):
    page.goto(f"{address}checkpoints/")
    page.locator(f"form[action$='/{months}-month/keep/'] button").click()
    expect(page.locator("main table tfoot")).to_contain_text(total)


def report(page, address):
    """Enter every result in the order in which the pages lead on, keep the year's states, and report."""
    keep_state(page, address, 6, "0.1875")
    page.goto(f"{address}results/")
    page.locator("main table a[href*='/results/']").first.click()
    for code, (inputs, score) in VALUES.items():
        page.wait_for_load_state()
        expect(page.locator("h1 .indicator-code")).to_have_text(code)
        for name, value in inputs.items():
            fill(page, name, value)
        expect(page.locator("#score-panel")).to_contain_text(score)
        page.locator("button[name=next]").click()
        expect(page.get_by_text(f"บันทึกผลของตัวชี้วัด {code} แล้ว")).to_be_visible()
    for months in (9, 12):
        keep_state(page, address, months, "3.9385")
    page.goto(f"{address}results/")
    page.locator("form[action$='/report/'] button").click()


def test_a_municipalitys_agreement_from_the_draft_to_closed(municipality, open_page, sign_in):
    pages = {}
    for name in ("personnel", "clerk", "mayor", "deputy1", "deputy2", "officer", "planner"):
        pages[name] = open_page()
        sign_in(pages[name], name)
    clerk, mayor, personnel = pages["clerk"], pages["mayor"], pages["personnel"]

    agreement = opened(personnel, municipality)
    address = f"/agreements/{agreement.pk}/"
    propose(clerk, agreement)
    # The mayor waits for both witnesses.
    mayor.goto(f"{address}sign/agree/")
    expect(mayor.locator("main form button.btn-primary")).to_have_count(0)
    for name in ("deputy2", "deputy1"):
        witness(pages[name])
    sign(mayor, agreement, "agree")

    item = agreement.parts.get().versions.get(is_current=True).items.get(code="1")
    give_duties(clerk, address, item)
    collect(pages["officer"], address, item)
    pages["planner"].goto(f"{address}results/{item.lineage}/")
    pages["planner"].locator("form[action$='/confirm/'] button").click()
    expect(pages["planner"].locator("form[action$='/confirm/']")).to_have_count(0)
    assert Result.objects.get().confirmed_by.username == "planner"
    report(clerk, address)
    assert KeptState.objects.count() == 3

    mayor.goto(f"{address}assessment/")
    accepts = mayor.locator("form:has(input[name=verdict][value=accepted]) button")
    while accepts.count():
        accepts.first.click()
    sign(mayor, agreement, "assess")
    sign(clerk, agreement, "acknowledge")
    # Nobody stands above to give an opinion: it is reviewed, and HR closes it.
    personnel.goto(address)
    personnel.locator("form[action$='/act/close/'] button").click()

    clerk.goto(address)
    result = clerk.locator("section[aria-labelledby=totals]")
    figures = [" ".join(figure.split()) for figure in result.locator(".score-figure").all_inner_texts()]
    # Of 5, of 100, and the grade with its colour as a word beside the swatch.
    assert [figure.split()[0] for figure in figures[:2]] == ["3.9385", "78.77"]
    assert figures[2:] == ["ผ่าน ดี (เขียวอ่อน)"]
    expect(result.locator(".swatch-light-green")).to_be_visible()
    groups = clerk.locator("tr.group")
    assert [row.split()[-1] for row in groups.all_inner_texts()] == ["30", "20", "20", "20", "5", "5"]
    agreement.refresh_from_db()
    assert agreement.state == "closed"
    # The clerk's and the mayor's two, and one of each witness.
    assert Signature.objects.filter(version__part__agreement=agreement).count() == 6
