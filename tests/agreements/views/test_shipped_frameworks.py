"""Every page of every shipped framework opens: frameworks bring what no factory thinks of."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from agreements.models import Framework, Indicator, Role
from tests.factories import OrganisationFactory, RoleFactory

pytestmark = pytest.mark.django_db

FILES = ["chonburi-2556-1", "dla-2554", "dla-2561", "dopa-templates", "nonthaburi-2564"]


@pytest.mark.parametrize("file", FILES)
def test_every_page_of_it_opens(client, file, settings):
    office = OrganisationFactory(kind="department")
    editor = RoleFactory(organisation=office, kind=Role.Kind.FRAMEWORK_EDITOR).user
    path = settings.BASE_DIR / "fixtures" / "frameworks" / f"{file}.yaml"
    call_command("import_framework", str(path), organisation=office.code, publish=True, verbosity=0)
    client.force_login(editor)
    framework = Framework.objects.get()
    pages = [framework.get_absolute_url(), reverse("reports:framework", args=[framework.pk])]
    pages += [reverse("reports:responsibilities", args=[framework.pk])]
    for code in Indicator.objects.values_list("code", flat=True):
        pages += [
            reverse("agreements:indicator", args=[framework.pk, code]),
            reverse("reports:indicator-sheet", args=[framework.pk, code]),
        ]

    assert [page for page in pages if client.get(page).status_code != 200] == []
