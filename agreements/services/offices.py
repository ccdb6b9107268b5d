"""A new office with its first HR account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Organisation, Role
from agreements.services import accounts, log
from agreements.services.organisations import PersonFacts, store_person


class OfficeRefused(Exception):
    """This office cannot be made; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFacts:
    """What an office is called, what it is, and where it hangs."""

    code: str
    name: str
    kind: str
    province_name: str = ""
    parent: str = ""


@transaction.atomic
def create_office(facts: OfficeFacts, hr: PersonFacts, *, at: datetime) -> accounts.Slip:
    """Make an office and its first HR officer, and return the one-time code to sign in with.

    :raises OfficeRefused: if the office is there already, or its parent is not.
    :raises PeopleRefused: if the user name is taken.
    """
    if Organisation.objects.filter(code=facts.code).exists():
        raise OfficeRefused(_("The office “%(code)s” is there already; nothing was changed.") % {"code": facts.code})
    fields = {"code": facts.code, "name": facts.name, "kind": facts.kind, "province_name": facts.province_name}
    if facts.parent:
        parent = Organisation.objects.filter(code=facts.parent).first()
        if parent is None:
            raise OfficeRefused(_("There is no organisation “%(code)s” to put it below.") % {"code": facts.parent})
        office = Organisation.objects.add_child(parent, fields)
    else:
        office = Organisation.objects.add_root(fields)
    person = store_person(None, hr)
    Role.objects.create(user=person, organisation=office, kind=Role.Kind.HR)
    told = {"office": facts.code, "name": facts.name, "kind": facts.kind, "parent": facts.parent, "hr": person.pk}
    log.record("office.created", office=log.office_of(office), by=None, at=at, details=told)
    return accounts.issue_code(person, at=at)
