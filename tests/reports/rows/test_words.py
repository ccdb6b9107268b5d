"""Digits and dates on paper."""

import pytest

from reports.rows.kpi_sheet import lateness_rule
from reports.rows.words import with_thai_digits


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<td colspan="3">12.5</td>', '<td colspan="3">๑๒.๕</td>'),
        ("ปผ.1 &#x27;5&#x27;", "ปผ.๑ &#x27;๕&#x27;"),
        ('<span translate="no">AB12</span> 12', '<span translate="no">AB12</span> ๑๒'),
        ("ไม่มี", "ไม่มี"),
    ],
)
def test_only_what_is_read_changes_its_digits(html, shown):
    assert with_thai_digits(html) == shown


def test_lateness_is_one_sentence():
    rule = {"due": "2013-03-20", "per_working_day": "0.25", "cutoff": "2013-03-26"}

    assert lateness_rule(rule) == (
        "กำหนดส่งภายในวันที่ 20 มีนาคม 2556 ส่งล่าช้าหักวันทำการละ 0.25 คะแนน ส่งหลังวันที่ 26 มีนาคม 2556 ไม่นำมาคิดคะแนน"
    )
