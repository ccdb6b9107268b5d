"""Give the people who are there already the keys they are sorted and found by."""

from typing import Any

from django.db import migrations

from agreements import thai


def fill(apps: Any, schema_editor: Any) -> None:
    for user in apps.get_model("agreements", "User").objects.iterator():
        user.sort_key = thai.sort_key(f"{user.first_name} {user.last_name}")
        user.search_key = thai.search_key(f"{user.prefix}{user.first_name}{user.last_name}{user.username}")
        user.save(update_fields=["sort_key", "search_key"])


class Migration(migrations.Migration):
    dependencies = [("agreements", "0002_one_time_codes_and_keys_of_people")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
