"""Model fields that keep figures exact on every database."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.thai import canonical_decimal


class ExactDecimalField(models.CharField):  # type: ignore[type-arg]
    """A decimal kept as its canonical string: SQLite would keep only 15 digits of a DecimalField."""

    default_error_messages = {"invalid": _("“%(value)s” is not a number.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_: object) -> Decimal | None:
        return None if value is None or value == "" else Decimal(value)

    def to_python(self, value: Any) -> Any:
        if value is None or value == "":
            return None
        try:
            return value if isinstance(value, Decimal) else Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError(self.error_messages["invalid"], params={"value": value}) from error

    def get_prep_value(self, value: Any) -> Any:
        value = self.to_python(value)
        return None if value is None else canonical_decimal(value)
