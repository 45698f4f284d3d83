# ruff: noqa: RUF012
# pyright: reportArgumentType=false
"""Tables of the accounts: who may sign in, who is invited to, and who looked behind the glass."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import livingdrug.care.clock


class Migration(migrations.Migration):
    """Written by Django from the models."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(help_text="Address, by which they sign in.", max_length=200, unique=True)),
                ("name", models.CharField(help_text="Name that is shown and printed with signatures.", max_length=200)),
                (
                    "person",
                    models.CharField(
                        blank=True, help_text="Id of the person in the network; empty for an office.", max_length=100
                    ),
                ),
                ("extra_roles", models.JSONField(blank=True, default=list, help_text="auditor, administrator, or none.")),
                ("is_active", models.BooleanField(default=True, help_text="Whether they may sign in.")),
                ("failed", models.BigIntegerField(default=0, help_text="Wrong passwords since the last right one.")),
                (
                    "locked_until",
                    models.DateTimeField(blank=True, help_text="No password is right before this moment.", null=True),
                ),
                ("last_seen", models.DateTimeField(blank=True, help_text="Last request, to the minute.", null=True)),
                ("made", models.DateTimeField(default=livingdrug.care.clock.now, help_text="When it was made.")),
            ],
            options={
                "ordering": ["email"],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(help_text="SHA-256 of the token in the link.", max_length=64, unique=True)),
                ("email", models.EmailField(help_text="Address of the account.", max_length=200)),
                ("name", models.CharField(help_text="Name of the account.", max_length=200)),
                ("person", models.CharField(blank=True, help_text="Id of the person in the network.", max_length=100)),
                ("extra_roles", models.JSONField(blank=True, default=list, help_text="auditor, administrator, or none.")),
                ("made", models.DateTimeField(help_text="When.")),
                ("made_by", models.CharField(help_text="Account that invites.", max_length=200)),
                ("expires", models.DateTimeField(help_text="The link works until then.")),
                (
                    "used",
                    models.DateTimeField(blank=True, help_text="When it was used or withdrawn; it works only once.", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Glass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("journey", models.CharField(help_text="Journey.", max_length=32)),
                ("reason", models.CharField(help_text="Why.", max_length=400)),
                ("opened", models.DateTimeField(help_text="When.")),
                ("until", models.DateTimeField(help_text="It is shut from then on.")),
                (
                    "account",
                    models.ForeignKey(
                        help_text="Who.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "until"], name="accounts_glass_open")],
            },
        ),
    ]
