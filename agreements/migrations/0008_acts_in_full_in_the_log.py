import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0007_deadlines_and_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="acting_as",
            field=models.CharField(blank=True, max_length=250),
        ),
        migrations.AddField(
            model_name="event",
            name="actor_name",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name="event",
            name="after_hash",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="event",
            name="before_hash",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="event",
            name="format",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="event",
            name="request_id",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="event",
            name="signature",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="event",
                to="agreements.signature",
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="signature_hash",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="eventtext",
            name="after",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="eventtext",
            name="before",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
