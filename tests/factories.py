"""One plain factory a model; what a test does not name does not matter to it."""

import datetime
from datetime import UTC

import factory

from agreements import models
from tests.guards import lifted

OCTOBER = datetime.date(2012, 10, 1)
MARCH = datetime.date(2013, 3, 31)
SEPTEMBER = datetime.date(2013, 9, 30)
NOON = datetime.datetime(2013, 2, 18, 5, 0, tzinfo=UTC)
GRADES = [
    {"from": "90", "label": "ดีเด่น"},
    {"from": "80", "label": "ดีมาก"},
    {"from": "70", "label": "ดี"},
    {"from": "60", "label": "พอใช้"},
    {"from": "0", "label": "ต้องปรับปรุง"},
]
# Those of a municipality's agreement, on the total of 0–5.
GRADES_ON_TOTAL = [
    {"from": "4.5", "label": "ผ่าน ดีมาก", "colour": "เขียวแก่"},
    {"from": "3.5", "label": "ผ่าน ดี", "colour": "เขียวอ่อน"},
    {"from": "2.5", "label": "ผ่าน พอใช้", "colour": "เหลือง"},
    {"from": "1.5", "label": "ไม่ผ่าน เห็นควรปรับปรุง", "colour": "ส้ม"},
    {"from": "0", "label": "ไม่ผ่าน", "colour": "แดง"},
]


class OrganisationFactory(factory.django.DjangoModelFactory):
    """An office; `parent` puts it below another."""

    class Meta:
        model = models.Organisation

    code = factory.Sequence(lambda n: f"office-{n}")
    name = factory.Sequence(lambda n: f"สำนักงานทดสอบที่ {n}")
    kind = models.Organisation.Kind.PROVINCE
    province_name = "ทดสอบ"

    @classmethod
    def _create(cls, model_class, *args, parent=None, **kwargs):
        node = model_class(**kwargs)
        if parent is None:
            return model_class.objects.add_root(instance=node)
        parent.refresh_from_db()
        return model_class.objects.add_child(parent, instance=node)


class UserFactory(factory.django.DjangoModelFactory):
    """A person whose password is “demo”."""

    class Meta:
        model = models.User

    username = factory.Sequence(lambda n: f"person{n}")
    prefix = "นาย"
    first_name = factory.Sequence(lambda n: f"สมมติ{n}")
    last_name = "ตัวอย่าง"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(password="demo", **kwargs)


class PostingFactory(factory.django.DjangoModelFactory):
    """A position held from the start of the first round on."""

    class Meta:
        model = models.Posting

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    title = "นักส่งเสริมการปกครองท้องถิ่น"
    position_type = "วิชาการ"
    level = "ชำนาญการ"
    number = factory.Sequence(lambda n: f"{n:04}")
    starts_on = OCTOBER


class RoleFactory(factory.django.DjangoModelFactory):
    """A role within a subtree."""

    class Meta:
        model = models.Role

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    kind = models.Role.Kind.HR


class CompetencySetFactory(factory.django.DjangoModelFactory):
    """A set of competencies, two of them: one core, one of the line of work."""

    class Meta:
        model = models.CompetencySet
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"set-{n}")
    title = "สมรรถนะทดสอบ"
    expected_levels = {"ชำนาญการ": 2, "ชำนาญการพิเศษ": 3}

    @factory.post_generation
    def competencies(self, create, extracted, **kwargs):
        for order, (kind, name) in enumerate(extracted or [("core", "บริการที่ดี"), ("line", "การคิดวิเคราะห์")], start=1):
            models.Competency.objects.create(competency_set=self, kind=kind, name=name, order=order)


class RoundFactory(factory.django.DjangoModelFactory):
    """Round 1/2556, open, releasing on assessment."""

    class Meta:
        model = models.Round

    organisation = factory.SubFactory(OrganisationFactory)
    fiscal_year = 2556
    number = 1
    starts_on = OCTOBER
    ends_on = MARCH
    status = models.Round.Status.OPEN
    grades = GRADES
    least_indicators = 1
    releases_on_assessment = True
    competency_set = factory.SubFactory(CompetencySetFactory)


class FrameworkFactory(factory.django.DjangoModelFactory):
    """A published framework of the round."""

    class Meta:
        model = models.Framework

    organisation = factory.SubFactory(OrganisationFactory)
    code = factory.Sequence(lambda n: f"framework-{n}")
    version = 1
    status = models.Framework.Status.PUBLISHED
    title = "กรอบทดสอบ"
    level = "province"
    fiscal_year = 2556
    round_number = 1
    total_weight = "100"
    created_at = NOON


CENTRES = {
    "code": "centres",
    "title": "แบบรายงานทดสอบ",
    "period": "month",
    "due": {"day": 15, "months_after": 1},
    "certified_by": "head",
    "tables": [
        {
            "code": "centres",
            "title": "จำนวนศูนย์",
            "rows": {"kind": "districts", "heading": "อำเภอ"},
            "columns": [{"code": "all", "title": "ทั้งหมด", "type": "count"}],
            "totals": ["all"],
        }
    ],
}


class ReportFormFactory(factory.django.DjangoModelFactory):
    """A monthly form with a row for each district and a count."""

    class Meta:
        model = models.ReportForm

    organisation = factory.SubFactory(OrganisationFactory)
    code = factory.Sequence(lambda n: f"form-{n}")
    version = 1
    title = factory.LazyAttribute(lambda form: form.definition["title"])
    definition = factory.LazyAttribute(lambda form: CENTRES | {"code": form.code})
    laid_down_at = NOON


THRESHOLDS = {"kind": "thresholds", "levels": {"1": "60", "2": "70", "3": "80", "4": "90", "5": "100"}}


class IndicatorFactory(factory.django.DjangoModelFactory):
    """An indicator on 60 70 80 90 100 that is given to everybody."""

    class Meta:
        model = models.Indicator

    framework = factory.SubFactory(FrameworkFactory)
    code = factory.Sequence(lambda n: str(n + 1))
    title = factory.Sequence(lambda n: f"ร้อยละความสำเร็จของงานที่ {n}")
    weight = "100"
    order = factory.Sequence(lambda n: n % 30000)
    definition = factory.LazyFunction(lambda: {"unit": "ร้อยละ", "criteria": THRESHOLDS})

    @classmethod
    def _create(cls, model_class, *args, framework, **kwargs):
        if framework.status == models.Framework.Status.DRAFT:
            return super()._create(model_class, *args, framework=framework, **kwargs)
        # A framework is published whole; here it comes before its indicators.
        with lifted("agreements_indicator"):
            return super()._create(model_class, *args, framework=framework, **kwargs)


UNITS = [{"code": "a", "title": "งาน ก"}, {"code": "b", "title": "งาน ข"}]


def header_of(framework):
    """Return the header that an import writes beside these columns."""
    return {
        "format": 1,
        "code": framework.code,
        "title": framework.title,
        "level": framework.level,
        "fiscal_year": framework.fiscal_year,
        "round": framework.round_number,
        "total_weight": framework.total_weight,
    }


def made_whole(framework):
    """Return `framework` with everything in its header and definitions that an import writes."""
    framework.header = header_of(framework) | framework.header
    with lifted():
        framework.save()
        for row in framework.indicators.all():
            row.definition = {"code": row.code, "title": row.title, "weight": str(row.weight)} | row.definition
            row.save()
    return framework


class DraftFactory(FrameworkFactory):
    """A draft whose office has a framework editor."""

    version = None
    status = models.Framework.Status.DRAFT
    header = factory.LazyAttribute(lambda draft: header_of(draft) | {"units": UNITS})


def editor_of(framework):
    """Return somebody who edits the frameworks of `framework`'s office."""
    return RoleFactory(organisation=framework.organisation, kind=models.Role.Kind.FRAMEWORK_EDITOR).user


def drafted(framework, code, **definition):
    """Return an indicator of `framework` whose definition is whole, as the editor and the import write it."""
    parent, order = definition.pop("parent", None), framework.indicators.count() + 1
    says = {"code": code, "title": f"ตัวชี้วัด {code}", "criteria": THRESHOLDS} | definition
    says = {key: value for key, value in says.items() if value is not None}
    columns = {"title": says["title"], "weight": says.get("weight"), "definition": says}
    return IndicatorFactory(framework=framework, code=code, order=order, parent=parent, **columns)
