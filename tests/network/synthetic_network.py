"""A small network file to change."""

from __future__ import annotations

from pathlib import Path

HEAD = """
kind = "network"
name = "small"
title = "A small network"

[sources]
made_up = "Made up for a test; no publication states it"
"""

CENTER = """
[[centers]]
id = "north"
title = "North"
city = "Hamburg"
country = "DE"
jurisdiction = "EU"
timezone = "Europe/Berlin"
source = "made_up"
certificates = [
    { kind = "JACIE", valid_from = 2020-01-01, valid_until = 2020-12-31, source = "made_up" },
    { kind = "manufacturer", therapy = "a", valid_from = 2020-01-01, revoked = 2020-06-01, source = "made_up" },
]

[[centers.staff]]
id = "ada"
roles = ["physician"]
until = 2020-09-30
training = [{ therapy = "a", valid_from = 2020-02-01, valid_until = 2020-08-31 }]
"""

SITE = """
[[sites]]
id = "factory"
title = "Factory"
city = "Leipzig"
country = "DE"
jurisdiction = "EU"
timezone = "Europe/Berlin"
therapies = ["a"]
source = "made_up"
staff = [{ id = "factory-operator-1", roles = ["operator"] }]
"""

HOURS = '{ value = 5, unit = "hours", source = "made_up" }'

LANE = f"""
[[lanes]]
id = "out"
origin = "north"
destination = "factory"
mode = "road"
hours = {HOURS}
hours_maximum = {HOURS}
shipper = "2-8 °C"
"""

SMALL = HEAD + CENTER + SITE + LANE


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path
