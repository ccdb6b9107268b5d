"""Monthly memos to read, from the indicators of 2554."""

from datetime import date
from fractions import Fraction

from reports.rows.memo import MemoIndicator, MemoRemedy, MonthlyMemo

INDICATORS = (
    MemoIndicator(
        code="1", issue="การสร้างเมืองให้สวยงาม", title="จำนวนสวนสาธารณะที่ อปท. สร้าง/ขยาย/ปรับปรุง", unit="แห่ง",
        target=Fraction(50), value=Fraction(52), light="reached",
    ),
    MemoIndicator(
        code="4", issue="เทศบาลได้นำแผนชุมชนมาจัดเวทีประชาคม", title="ร้อยละของเทศบาลนครและเทศบาลเมืองที่จัดเวทีประชาคม",
        unit="ร้อยละ", target=Fraction(70), value=Fraction(200, 3), light="near", value_of=date(2011, 4, 1),
    ),
    MemoIndicator(
        code="5", issue="อปท. มีการจัดเก็บรายได้เพิ่มขึ้น", title="ร้อยละที่เพิ่มขึ้นของการจัดเก็บรายได้", unit="ร้อยละ",
        target=Fraction(7, 2), value=Fraction(1), light="behind",
        remedy=MemoRemedy(
            cause="ข้อมูลทะเบียนผู้ชำระภาษียังไม่ครบ", action="เร่งสำรวจข้อมูลภาคสนาม", owner="ผู้อำนวยการ สน.คท.",
            due_on=date(2011, 7, 15),
        ),
    ),
    MemoIndicator(
        code="6", issue="แผนที่ภาษี", title="อปท. ที่นำแผนที่ภาษีไปใช้", unit="แห่ง", target=Fraction(1234567),
        value=Fraction("1234567.5"), light="pace_behind",
    ),
    MemoIndicator(code="9", issue="ผลผลิต", title="ระดับความสำเร็จของผลผลิต", light="no_figure", target_words="ระดับ 3"),
    MemoIndicator(code="11", issue="", title="มาตรการป้องกันการทุจริต", light="no_target", value=Fraction(3)),
)  # fmt: skip


def memo(**given):
    """Return the memo of June 2554."""
    usual = {
        "office": "สำนักพัฒนาและส่งเสริมการบริหารงานท้องถิ่น", "month": date(2011, 6, 1),
        "framework": "ตัวชี้วัดที่สำคัญที่ อสถ. ใช้ในการติดตามบริหารงาน ประจำปีงบประมาณ พ.ศ. 2554",
        "indicators": INDICATORS, "to": "อธิบดีกรมส่งเสริมการปกครองท้องถิ่น", "number": "มท 0801.5/ว 1238",
        "on": date(2011, 7, 5), "signatory": "นายสมมติ ตัวอย่าง",
        "signatory_title": "ผู้อำนวยการสำนักพัฒนาและส่งเสริมการบริหารงานท้องถิ่น",
    }  # fmt: skip
    return MonthlyMemo(**usual | given)
