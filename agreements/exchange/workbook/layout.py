"""The sheets of a framework's workbook and their columns: what both the writer and the reader go by.

Names and headings are Thai in every language of the portal, because the file is one format.
"""

from collections.abc import Sequence
from dataclasses import replace

from agreements.exchange.workbook.cells import (
    AMOUNT,
    CODE,
    CODES,
    DAY,
    FIGURE_OR_WORDS,
    FLAG,
    MONTH_OR_DAY,
    PERIOD,
    WHOLE,
    WHOLES,
    choice,
)
from agreements.exchange.workbook.columns import Column, Sheet

#: The heading of the column in which faults come back; it is never read.
FAULT_HEADING = "ข้อผิดพลาดและวิธีแก้"
INSTRUCTIONS = "คำแนะนำ"
COMPOSITE = "children"

LEVELS = choice(
    {
        "department": "กรม",
        "province": "จังหวัด",
        "district": "อำเภอ",
        "local_government": "องค์กรปกครองส่วนท้องถิ่น",
        "library": "คลังตัวชี้วัด",
    }
)
BETWEEN = choice({"interpolate": "เทียบตามส่วน", "step": "นับเฉพาะระดับที่ถึง"})
BELOW = choice({"one": "ได้ 1 คะแนน", "zero": "ได้ 0 คะแนน", "level_0": "เทียบกับระดับ 0", "from_origin": "เทียบส่วนจาก 0"})
FREQUENCY = choice({"monthly": "รายเดือน", "quarterly": "รายไตรมาส", "round": "รายรอบ"})
FROM_BELOW = choice(
    {
        "ratio": "ผลรวมตัวตั้งหารผลรวมตัวหาร",
        "sum": "ผลรวม",
        "weighted_mean": "ค่าเฉลี่ยถ่วงน้ำหนัก",
        "worst": "ค่าที่แย่ที่สุด",
        "mean": "ค่าเฉลี่ยอย่างง่าย",
    }
)
MEASURES = choice(
    {"direct": "กรอกค่าโดยตรง", "formula": "คำนวณจากสูตร", "mean": "ค่าเฉลี่ยต่อครั้ง", "checklist": "รายการตรวจ"}
)
AGGREGATES = choice({"sum": "ผลรวม", "last": "ค่าล่าสุด"})
KINDS = choice(
    {
        "thresholds": "ค่าตัวเลข",
        "bands": "ช่วงค่า",
        "rubric": "ระดับคุณภาพ",
        "milestones": "ขั้นตอน",
        "classed": "ตามประเภท",
        "open": "ยังไม่กำหนด",
        COMPOSITE: "มีตัวชี้วัดย่อย",
    }
)


OWNER = Column(path="", title="รหัสตัวชี้วัด", form=CODE, width=14, listed="indicators", help="เลือกรหัสที่มีในแผ่นงานตัวชี้วัด")


def _of_indicator(*columns: Column) -> tuple[Column, ...]:
    return (OWNER, *columns)


_LONG = 44
_TITLE = Column(path="title", title="ชื่อ", width=_LONG)
_POINTS = Column(path="points", title="คะแนน", form=AMOUNT, width=10)

# The framework's own facts stand one below another, on a sheet of two columns.
HEAD_NAME = "กรอบ"
HEAD = (
    Column(path="format", title="รุ่นของรูปแบบไฟล์", form=WHOLE, is_key=True, help="ไม่ต้องแก้ไข"),
    Column(path="code", title="รหัสกรอบ", form=CODE, is_key=True, help="รหัสเดิมคือกรอบเดิม รหัสใหม่คือกรอบใหม่"),
    Column(path="title", title="ชื่อกรอบ"),
    Column(path="level", title="ระดับหน่วยงาน", form=LEVELS, help="เลือกจากรายการ"),
    Column(path="fiscal_year", title="ปีงบประมาณ (พ.ศ.)", form=WHOLE, help="คลังตัวชี้วัดเว้นว่างได้"),
    Column(path="round", title="รอบการประเมิน", form=WHOLE, help="1 หรือ 2 เว้นว่างหมายถึงทั้งปี"),
    Column(path="source", title="ที่มา"),
    Column(path="total_weight", title="น้ำหนักรวม", form=AMOUNT, help="เว้นว่างถ้ากรอบนี้ไม่มีน้ำหนัก"),
    Column(path="scale", title="ระดับคะแนน", form=WHOLES, help="เช่น 1, 2, 3, 4, 5 หรือ 50, 75, 100"),
    Column(path="below_level_1", title="ผลงานต่ำกว่าระดับ 1", form=BELOW, help="ใช้เมื่อตัวชี้วัดไม่ได้กำหนดเอง"),
    Column(path="grades_on", title="ฐานของระดับผล", form=AMOUNT, help="100 หรือระดับคะแนนสูงสุด"),
)

INDICATORS = Sheet(
    key="indicators",
    name="ตัวชี้วัด",
    of_indicator=False,
    path="indicators",
    says="หนึ่งแถวต่อหนึ่งตัวชี้วัด ตัวชี้วัดย่อยระบุรหัสตัวชี้วัดหลักในช่อง “อยู่ใต้ตัวชี้วัด”",
    columns=(
        Column(path="code", title="รหัสตัวชี้วัด", form=CODE, is_key=True, help="ตามที่พิมพ์ในกรอบ ไม่เว้นวรรค เช่น 8.1"),
        Column(path="parent", title="อยู่ใต้ตัวชี้วัด", form=CODE, listed="indicators", help="เฉพาะตัวชี้วัดย่อย"),
        Column(path="dimension", title="มิติ", form=CODE, width=16, listed="dimensions", help="รหัสจากแผ่นงานมิติ"),
        Column(path="title", title="ชื่อตัวชี้วัด", width=_LONG),
        Column(path="unit", title="หน่วยวัด", width=12),
        Column(path="weight", title="น้ำหนัก", form=AMOUNT, width=10),
        Column(path="target", title="ค่าเป้าหมาย", form=FIGURE_OR_WORDS, width=14),
        Column(path="criteria.kind", title="ชนิดของเกณฑ์", form=KINDS, width=16, help="แล้วกรอกเกณฑ์ในแผ่นงานของชนิดนั้น"),
        Column(path="measure.kind", title="วิธีวัด", form=MEASURES, width=16),
        Column(path="measure.expression", title="สูตรคำนวณ", width=24, help="ใช้ชื่อตัวแปรจากแผ่นงานตัวแปร เช่น a / b * 100"),
        Column(path="assigned_units", title="หน่วยงานรับผิดชอบ", form=CODES, width=20, help="รหัสหน่วยงาน คั่นด้วยจุลภาค"),
        Column(path="scored", title="นำไปคิดคะแนน", form=FLAG, width=12, help="ไม่ใช่ หมายถึงตัวชี้วัดนำร่อง"),
        Column(path="rounds", title="ใช้ในรอบ", form=WHOLES, width=10, help="1, 2 หรือ 1, 2"),
        Column(path="work", title="งานที่นำเสนอเป็นข้อตกลง", width=28),
        Column(path="description", title="คำอธิบาย", width=_LONG),
        Column(path="formula_text", title="สูตรตามเอกสาร", width=_LONG),
        Column(path="conditions", title="เงื่อนไข", width=_LONG),
        Column(path="reason", title="เหตุผล", width=_LONG),
        Column(path="note", title="หมายเหตุ", width=_LONG),
        Column(path="owner", title="ผู้กำกับดูแลตัวชี้วัด", width=24, help="ตำแหน่ง ไม่ใช่ชื่อบุคคล"),
        Column(path="collector", title="ผู้จัดเก็บข้อมูล", width=24, help="ตำแหน่ง ไม่ใช่ชื่อบุคคล"),
        Column(path="contact", title="ผู้ประสานงาน", width=24, help="ตำแหน่ง ไม่ใช่ชื่อบุคคล"),
        Column(path="supports", title="สนับสนุนเป้าหมายระดับบน", width=24),
        Column(path="judged_by", title="ผู้ให้คะแนน", width=18),
        Column(path="report.frequency", title="ความถี่การรายงาน", form=FREQUENCY, width=14),
        Column(path="report.due_day", title="รายงานภายในวันที่", form=WHOLE, width=12),
        Column(path="lateness.due", title="กำหนดส่ง", form=DAY, width=14, help="วันเดือนปี พ.ศ. เช่น 20 มี.ค. 2556"),
        Column(path="lateness.per_working_day", title="หักต่อวันทำการที่ช้า", form=AMOUNT, width=12),
        Column(path="lateness.cutoff", title="วันสุดท้ายที่รับ", form=DAY, width=14, help="วันเดือนปี พ.ศ. เช่น 26 มี.ค. 2556"),
        Column(path="lateness.items", title="จำนวนประเภทข้อมูลที่หัก", form=WHOLE, width=12),
        Column(path="criteria.faults_open", title="เพิ่มข้อบกพร่องเองได้", form=FLAG, width=12, help="เฉพาะเกณฑ์ขั้นตอน"),
        Column(path="baseline.label", title="ชื่อข้อมูลพื้นฐาน", width=24, help="รายปีกรอกในแผ่นงานข้อมูลพื้นฐาน"),
        Column(path="baseline.unit", title="หน่วยของข้อมูลพื้นฐาน", width=12),
        Column(path="children_at_least", title="ตัวชี้วัดย่อยอย่างน้อย", form=WHOLE, width=12),
        # Last, so that cells keep their places in files that offices have.
        Column(path="judged_until", title="ให้คะแนนภายในวันที่", form=DAY, width=16, help="วันเดือนปี พ.ศ. เช่น 5 เม.ย. 2556"),
        Column(path="from_below.how", title="รวมผลจากระดับล่าง", form=FROM_BELOW, width=22, help="เว้นว่างถ้าวัดเอง"),
        Column(
            path="lateness.arrival_of", title="นับวันส่งจากแบบฟอร์มรายงาน", form=CODE, width=20, help="รหัสแบบฟอร์มรายงาน"
        ),
    ),
)
LISTS = (
    Sheet(
        key="dimensions",
        name="มิติ",
        of_indicator=False,
        path="dimensions",
        says="หัวข้อระหว่างกรอบกับตัวชี้วัด มิติย่อยระบุรหัสมิติหลัก",
        columns=(
            Column(path="code", title="รหัสมิติ", form=CODE, width=18, is_key=True),
            Column(path="parent", title="อยู่ใต้มิติ", form=CODE, width=18, listed="dimensions"),
            Column(path="title", title="ชื่อมิติ", width=_LONG),
            Column(path="weight", title="น้ำหนัก", form=AMOUNT, help="เฉพาะเมื่อกรอบพิมพ์น้ำหนักของมิติ"),
        ),
    ),
    Sheet(
        key="units",
        name="หน่วยงาน",
        of_indicator=False,
        path="units",
        says="หน่วยงานที่รับตัวชี้วัดได้",
        columns=(
            Column(path="code", title="รหัสหน่วยงาน", form=CODE, width=18, is_key=True),
            Column(path="title", title="ชื่อหน่วยงาน", width=_LONG),
        ),
    ),
    Sheet(
        key="grades",
        name="ระดับผล",
        of_indicator=False,
        path="grades",
        says="ระดับผลการประเมินและคะแนนเริ่มต้นของแต่ละระดับ",
        columns=(
            Column(path="from", title="ตั้งแต่คะแนน", form=AMOUNT),
            Column(path="label", title="ระดับ", width=24),
            Column(path="colour", title="สี"),
        ),
    ),
)
CRITERIA = (
    Sheet(
        key="thresholds",
        name="เกณฑ์ค่าตัวเลข",
        path="criteria",
        kind="thresholds",
        is_one_node=True,
        has_levels=True,
        has_labels=True,
        says="หนึ่งแถวต่อหนึ่งตัวชี้วัด ค่าที่ต้องถึงในแต่ละระดับ ระดับที่ไม่มีค่าเว้นว่างไว้",
        columns=_of_indicator(
            Column(path="between", title="ค่าระหว่างระดับ", form=BETWEEN, width=18),
            Column(path="below_level_1", title="ผลงานต่ำกว่าระดับ 1", form=BELOW, width=18),
        ),
    ),
    Sheet(
        key="bands",
        name="เกณฑ์ช่วงค่า",
        path="criteria.levels",
        kind="bands",
        named="level",
        says="หนึ่งแถวต่อหนึ่งระดับ ค่าสูงสุดของช่วง ระดับสุดท้ายเว้นว่างได้",
        columns=_of_indicator(
            Column(path="level", title="ระดับ", form=WHOLE, width=10),
            Column(path="up_to", title="ไม่เกิน", form=AMOUNT),
            Column(path="label", title="คำอธิบาย", width=_LONG),
        ),
    ),
    Sheet(
        key="rubric",
        name="เกณฑ์ระดับคุณภาพ",
        path="criteria.levels",
        kind="rubric",
        named="level",
        says="หนึ่งแถวต่อหนึ่งระดับที่มีคำอธิบาย",
        columns=_of_indicator(
            Column(path="level", title="ระดับ", form=WHOLE, width=10),
            Column(path="", title="คำอธิบาย", width=80),
        ),
    ),
    Sheet(
        key="steps",
        name="เกณฑ์ขั้นตอน",
        path="criteria.steps",
        kind="milestones",
        says="หนึ่งแถวต่อหนึ่งขั้นตอน เรียงตามระดับ",
        columns=_of_indicator(
            Column(path="level", title="ระดับ", form=WHOLE, width=10),
            Column(path="title", title="ขั้นตอน", width=80),
            Column(path="judged_by", title="ผู้ให้คะแนน", width=18),
        ),
    ),
    Sheet(
        key="parts",
        name="ส่วนของขั้นตอน",
        path="criteria.steps.parts",
        kind="milestones",
        says="ส่วนย่อยของขั้นตอน ระบุรหัสตัวชี้วัดและระดับของขั้นตอน",
        columns=_of_indicator(
            Column(path="level", title="ระดับของขั้นตอน", form=WHOLE, width=12),
            Column(path="code", title="รหัสส่วน", form=CODE, help="เช่น 2.1"),
            Column(path="title", title="รายละเอียด", width=80),
            Column(path="deduction", title="หักคะแนนเมื่อไม่ครบ", form=AMOUNT, width=12),
        ),
    ),
    Sheet(
        key="step_faults",
        name="ข้อบกพร่องของขั้นตอน",
        path="criteria.faults",
        kind="milestones",
        says="ข้อบกพร่องที่หักคะแนนจากเกณฑ์ขั้นตอน",
        columns=_of_indicator(
            Column(path="code", title="รหัสข้อบกพร่อง", form=CODE, width=18),
            replace(_TITLE, title="รายละเอียด"),
            replace(_POINTS, title="หักครั้งละ"),
            Column(path="at_step", title="ในขั้นตอนระดับ", form=WHOLE, width=12),
            Column(path="most", title="นับไม่เกิน (ครั้ง)", form=WHOLE, width=12),
        ),
    ),
    Sheet(
        key="classed",
        name="เกณฑ์ตามประเภท",
        path="criteria",
        kind="classed",
        is_one_node=True,
        says="หนึ่งแถวต่อหนึ่งตัวชี้วัด ฐานที่ใช้แบ่งประเภท",
        columns=_of_indicator(
            Column(path="base.label", title="ชื่อฐาน", width=_LONG),
            Column(path="base.unit", title="หน่วยของฐาน"),
            Column(path="base.variable", title="ตัวแปรของสูตร", help="ถ้าฐานเป็นตัวแปรของสูตร"),
            Column(path="between", title="ค่าระหว่างระดับ", form=BETWEEN, width=18),
            Column(path="below_level_1", title="ผลงานต่ำกว่าระดับ 1", form=BELOW, width=18),
        ),
    ),
    Sheet(
        key="classes",
        name="ประเภท",
        path="criteria.classes",
        kind="classed",
        has_levels=True,
        says="หนึ่งแถวต่อหนึ่งประเภท เรียงจากฐานน้อยไปมาก ประเภทสุดท้ายเว้นช่องไม่เกินได้",
        columns=_of_indicator(
            Column(path="code", title="รหัสประเภท", form=CODE),
            Column(path="up_to", title="ฐานไม่เกิน", form=AMOUNT),
            Column(path="label", title="คำอธิบาย", width=30),
        ),
    ),
    Sheet(
        key="open",
        name="เกณฑ์ที่ยังไม่กำหนด",
        path="criteria.labels",
        kind="open",
        named="level",
        says="คำอธิบายของระดับ สำหรับเกณฑ์ที่ยังไม่กำหนดค่า",
        columns=_of_indicator(
            Column(path="level", title="ระดับ", form=WHOLE, width=10),
            Column(path="", title="คำอธิบาย", width=80),
        ),
    ),
)
PARTICULARS = (
    Sheet(
        key="variables",
        name="ตัวแปร",
        path="measure.variables",
        named="name",
        says="ตัวแปรของสูตรคำนวณ ชื่อเป็นตัวอักษรอังกฤษ",
        columns=_of_indicator(
            Column(path="name", title="ชื่อตัวแปร", width=18),
            Column(path="label", title="ความหมาย", width=60),
            Column(path="unit", title="หน่วย"),
            Column(
                path="bind.form", title="รหัสแบบฟอร์มรายงาน", form=CODE, width=20, help="แบบฟอร์มที่นำค่ามาใช้ เว้นว่างถ้ากรอกเอง"
            ),
            Column(path="bind.column", title="คอลัมน์ของแบบฟอร์ม", width=20, help="ตาราง.คอลัมน์ เช่น centres.established"),
            Column(path="bind.aggregate", title="วิธีรวม", form=AGGREGATES, width=14),
            Column(path="bind.months", title="จำนวนเดือน", form=WHOLE, width=12, help="เว้นว่างหมายถึงทั้งรอบ"),
            Column(
                path="bind.subtree",
                title="รหัสหน่วยงานของข้อมูล",
                form=CODE,
                width=20,
                help="เว้นว่างหมายถึงหน่วยงานของผู้รับการประเมิน",
            ),
        ),
    ),
    Sheet(
        key="items",
        name="รายการตรวจ",
        path="measure.items",
        says="รายการของวิธีวัดแบบรายการตรวจ",
        columns=_of_indicator(Column(path="code", title="รหัสรายการ", form=CODE), _TITLE, _POINTS),
    ),
    Sheet(
        key="item_faults",
        name="ข้อบกพร่องของรายการตรวจ",
        path="measure.faults",
        says="ข้อบกพร่องที่หักคะแนนจากรายการตรวจ",
        columns=_of_indicator(
            Column(path="code", title="รหัสข้อบกพร่อง", form=CODE, width=18),
            replace(_TITLE, title="รายละเอียด"),
            replace(_POINTS, title="หักครั้งละ"),
            Column(path="items", title="เฉพาะรายการ", form=CODES, help="รหัสรายการ คั่นด้วยจุลภาค"),
        ),
    ),
    Sheet(
        key="targets",
        name="เป้าหมายรายช่วง",
        path="targets",
        says="เป้าหมายของช่วงเวลาในรอบ ช่วงที่กำหนดเองกรอกทั้ง “ช่วงเวลา” และ “ถึง”",
        columns=_of_indicator(
            Column(
                path="period", title="ช่วงเวลา", form=PERIOD, width=16, help="รายเดือน, รอบ 6 เดือน หรือเดือน เช่น ม.ค. 2561"
            ),
            Column(path="to", title="ถึง", form=MONTH_OR_DAY, width=16, help="เดือนหรือวันสุดท้ายของช่วง"),
            Column(path="value", title="ค่าเป้าหมาย", form=AMOUNT),
            Column(path="cumulative", title="สะสม", form=FLAG, width=10),
            Column(path="text", title="ข้อความ", width=_LONG),
        ),
    ),
    Sheet(
        key="baseline",
        name="ข้อมูลพื้นฐาน",
        path="baseline.years",
        says="ผลงานของปีก่อน ๆ หนึ่งแถวต่อหนึ่งปี",
        columns=_of_indicator(
            Column(path="year", title="ปี (พ.ศ.)", form=WHOLE),
            Column(path="value", title="ค่า", form=AMOUNT),
        ),
    ),
    Sheet(
        key="evidence",
        name="หลักฐาน",
        path="evidence",
        says="หนึ่งแถวต่อหนึ่งหลักฐาน",
        columns=_of_indicator(Column(path="", title="หลักฐาน", width=80)),
    ),
    Sheet(
        key="positions",
        name="ตำแหน่งที่เหมาะสม",
        path="positions",
        says="หนึ่งแถวต่อหนึ่งตำแหน่ง ใช้ในคลังตัวชี้วัด",
        columns=_of_indicator(Column(path="", title="ตำแหน่ง", width=40)),
    ),
)
OF_INDICATORS: Sequence[Sheet] = (*CRITERIA, *PARTICULARS)
SHEETS: Sequence[Sheet] = (INDICATORS, *CRITERIA, *PARTICULARS, *LISTS)
