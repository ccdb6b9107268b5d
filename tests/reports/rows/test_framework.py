from reports.rows.framework import framework_paper, indicator_sheets

FIVE = {"kind": "thresholds", "levels": {"1": "60", "2": "70", "3": "80", "4": "90", "5": "100"}}
DOCUMENT = {
    "title": "กรอบทดสอบ",
    "fiscal_year": 2556,
    "round": 1,
    "total_weight": "100",
    "dimensions": [
        {"code": "outer", "title": "มิติภายนอก", "weight": "60"},
        {"code": "effect", "parent": "outer", "title": "ประสิทธิผล", "weight": "60"},
        {"code": "quality", "parent": "outer", "title": "คุณภาพ"},
    ],
    "units": [{"code": "a", "title": "งาน ก"}, {"code": "b", "title": "งาน ข"}, {"code": "c", "title": "งาน ค"}],
    "indicators": [
        {
            "code": "1", "title": "รวม", "weight": "60", "dimension": "effect", "supports": "คำรับรองกรม",
            "children": [
                {
                    "code": "1.1", "title": "ย่อย", "weight": "60", "unit": "ร้อยละ", "criteria": FIVE,
                    "assigned_units": ["a", "b"],
                },
            ],
        },
        {
            "code": "2", "title": "เดี่ยว", "weight": "40", "dimension": "quality", "criteria": FIVE,
            "assigned_units": ["a"],
        },
        {"code": "3", "title": "เปิด", "criteria": {"kind": "open"}, "assigned_units": ["a"]},
    ],
}  # fmt: skip


def test_dimensions_stand_above_their_indicators_with_criteria_and_units():
    paper = framework_paper(DOCUMENT, office="สำนักงานทดสอบ")

    assert [(row.depth if row.is_dimension else row.code, row.title, row.weight) for row in paper.rows] == [
        (0, "มิติภายนอก", "60"),
        (1, "ประสิทธิผล", "60"),
        ("1", "รวม", "60"),
        ("1.1", "ย่อย", "60"),
        (1, "คุณภาพ", ""),
        ("2", "เดี่ยว", "40"),
        ("3", "เปิด", ""),
    ]
    by_code = {row.code: row for row in paper.rows if not row.is_dimension}
    assert by_code["1"].criteria.cells == ("-",) * 5
    assert by_code["1.1"].criteria.cells == ("60", "70", "80", "90", "100")
    assert by_code["3"].criteria.cells == ("…",) * 5
    assert (by_code["1"].starred, by_code["1.1"].is_child, by_code["1.1"].units) == (True, True, (True, True, False))
    assert paper.serves == ("คำรับรองกรม",)


def test_each_unit_is_told_its_indicators_as_a_memo_lists_them():
    paper = framework_paper(DOCUMENT, office="")

    assert [(row.title, row.codes) for row in paper.unit_rows] == [
        ("งาน ก", "1.1, 2 และ 3"),
        ("งาน ข", "1.1"),
        ("งาน ค", ""),
    ]


def test_the_heading_says_the_round_and_its_days():
    first, year = (
        framework_paper(DOCUMENT, office="").heading,
        framework_paper(DOCUMENT | {"round": None}, office="").heading,
    )
    second = framework_paper(DOCUMENT | {"round": 2}, office="").heading

    assert (first.period, first.days) == ("รอบการประเมินที่ 1 ประจำปีงบประมาณ พ.ศ. 2556", "(1 ตุลาคม 2555 – 31 มีนาคม 2556)")
    assert second.days == "(1 เมษายน 2556 – 30 กันยายน 2556)"
    assert (year.period, year.days) == ("ประจำปีงบประมาณ พ.ศ. 2556", "(1 ตุลาคม 2555 – 30 กันยายน 2556)")


def test_a_library_has_no_round_and_its_sheets_take_the_year_of_today():
    library = DOCUMENT | {"fiscal_year": None, "round": None}

    assert framework_paper(library, office="").heading.period == ""
    assert indicator_sheets(library, "2", fiscal_year=2570)[0].baseline.years == ("2567", "2568", "2569")


def test_the_sheet_of_a_sub_indicator_and_of_its_parent():
    (child,), (parent,) = (indicator_sheets(DOCUMENT, code, fiscal_year=2556) for code in ("1.1", "1"))

    assert (child.title, child.weight, child.reckoning) == ("ย่อย", "60", None)
    assert (child.criteria.even_step, child.criteria.cells[0]) == ("ร้อยละ 10", "ร้อยละ 60")
    assert [row.code for row in parent.children] == ["1.1"]
