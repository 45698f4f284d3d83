"""The table of tokens."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from livingdrug.care import clock


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(help_text="SHA-256 of the secret.", max_length=64, unique=True)),
                ("scopes", models.JSONField(help_text="What it may do; what is not named, it may not.")),
                ("about", models.CharField(blank=True, help_text="What it is for.", max_length=200)),
                ("made", models.DateTimeField(default=clock.now, help_text="When it was made.")),
                ("expires", models.DateTimeField(help_text="From this moment it opens nothing.")),
                ("revoked", models.DateTimeField(blank=True, help_text="When it was taken back.", null=True)),
                (
                    "account",
                    models.ForeignKey(
                        help_text="Whom it speaks for.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
    ]
