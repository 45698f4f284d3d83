"""Tokens know when they were last used."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("api", "0001_initial")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="token",
            name="last_used",
            field=models.DateTimeField(blank=True, help_text="When it last opened something, to the minute.", null=True),
        ),
    ]
