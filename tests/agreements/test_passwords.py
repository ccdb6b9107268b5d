import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from agreements.models import User

SOMCHAI = User(username="somchai.boonchuay", first_name="สมชาย", last_name="บุญช่วยเหลือกัน")


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("สั้น", ["password_too_short"]),
        ("1234567890", ["password_too_common"]),
        ("somchai.boonchuay1", ["password_too_similar"]),
        ("บุญช่วยเหลือกัน", ["password_too_similar"]),
        ("ฝนตกที่หนองใหญ่", []),
    ],
)
def test_a_password_is_long_uncommon_and_not_ones_name(password, codes):
    found = []
    try:
        validate_password(password, SOMCHAI)
    except ValidationError as refusal:
        found = [error.code for error in refusal.error_list]

    assert found == codes
