"""Triggers and constraints on the tables, from the SQL files."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from livingdrug.care.guards import install


class Migration(migrations.Migration):
    """What the database refuses by itself."""

    dependencies: ClassVar = [("care", "0001_tables")]
    operations: ClassVar = [migrations.RunPython(install, migrations.RunPython.noop)]
