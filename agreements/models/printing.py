"""Printed forms that were finished, kept as they were first drawn."""

from __future__ import annotations

from django.db import models

from agreements.models.agreements import Agreement


class FrozenForm(models.Model):
    """A finished form as a PDF; only ever inserted, so that it is the same file every time."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="frozen_forms")
    # The hash of everything that stands on it and how it is set (reports/frozen.py).
    key = models.CharField(max_length=64, unique=True)
    # The hash of the file itself, under which it lies.
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256

    @property
    def path(self) -> str:
        """Where the file lies in the storage."""
        return f"forms/{self.sha256[:2]}/{self.sha256}.pdf"
