"""Good files and requests gone bad: JSON and bytes that nobody should send, each with the name of what was done to it.

Everything is drawn from one seed, so that a failure can be made again.
"""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["bad_bytes", "bad_json", "spoiled"]

HUGE = 10**400
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, HUGE, -HUGE, float("nan"), float("inf"), float("-inf"), 1e308, 2**63, "", " ", "\x00",
    "\ud800", "\u202e\u0000", "\U0001d518" * 200, "x" * 5000, "'; DROP TABLE care_event; --", "<script>alert(1)</script>",
    "../../etc/passwd", [], {}, [[]], [None], {"": ""}, ["a"] * 50, {"event": "seen"}, "2018-02-30T25:61:00Z", "2018-03-01",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "NaN", "1e999", "true",
]  # fmt: skip
"""Values that a field of another type is given."""


# JSON ---------------------------------------------------------------------------------------------------------------------


def spoiled(dice: random.Random, value: Any) -> tuple[str, Any]:
    """A JSON value with one thing wrong somewhere in it, and what that is."""
    kind = dice.choice(("odd", "odd", "odd", "missing", "unknown", "renamed", "nested", "wrapped"))
    made = copy.deepcopy(value)
    place, key = _place(dice, made)
    if place is None or kind == "wrapped":
        return "wrapped", dice.choice(([made], {"event": made}, [made, made], json.dumps(made), dice.choice(ODD)))
    if kind == "missing":
        del place[key]
    elif kind == "unknown" and isinstance(place, dict):
        place[dice.choice(("extra", "", "__class__", "at ", "EVENT", "\ud83d", "a" * 300))] = dice.choice(ODD)
    elif kind == "renamed" and isinstance(place, dict):
        place[f"{key}{dice.choice(('s', ' ', '_', chr(0)))}"] = place.pop(key)
    elif kind == "nested":
        place[key] = _deep(dice, dice.choice((3, 50, 400)))
    else:
        place[key] = dice.choice([each for each in ODD if type(each) is not type(place[key])])
        return f"odd {key}", made
    return f"{kind} {key}", made


def _place(dice: random.Random, value: Any) -> tuple[Any, Any]:
    """A container somewhere in a value and a key of it."""
    found: list[tuple[Any, Any]] = []

    def walk(each: Any) -> None:
        for key, inside in each.items() if isinstance(each, dict) else enumerate(each) if isinstance(each, list) else ():
            found.append((each, key))
            walk(inside)

    walk(value)
    return dice.choice(found) if found else (None, None)


def _deep(dice: random.Random, depth: int) -> Any:
    value: Any = dice.choice(ODD[:10])
    for _ in range(depth):
        value = [value] if dice.random() < 0.5 else {"a": value}
    return value


def bad_json(dice: random.Random, value: Any) -> tuple[str, bytes]:
    """The text of a good value gone bad: it is no JSON, or not the JSON that was asked for."""
    if dice.random() < 0.6:
        name, made = spoiled(dice, value)
        return name, json.dumps(made).encode("utf-8", "surrogatepass")
    name, work = dice.choice(TEXTS)
    return name, work(dice, json.dumps(value).encode())


TEXTS: list[tuple[str, Callable[[random.Random, bytes], bytes]]] = [
    ("cut off", lambda dice, text: text[: dice.randrange(len(text))]),
    ("empty", lambda dice, text: b""),
    ("blank", lambda dice, text: b" \n\t "),
    ("comma too many", lambda dice, text: text[:-1] + b",}"),
    ("single quotes", lambda dice, text: text.replace(b'"', b"'")),
    ("not a number", lambda dice, text: text[:-1] + b', "x": NaN}'),
    ("infinite", lambda dice, text: text[:-1] + b', "x": -Infinity}'),
    ("too many digits", lambda dice, text: text[:-1] + b', "x": ' + b"9" * 5000 + b"}"),
    ("large exponent", lambda dice, text: text[:-1] + b', "x": 1e999999}'),
    ("key twice", lambda dice, text: text[:-1] + b', "at": "2018-03-01T09:00:00Z", "at": 5}'),
    ("bomb of lists", lambda dice, text: b"[" * 100_000),
    ("bomb of objects", lambda dice, text: b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    ("lone surrogate", lambda dice, text: text[:-1] + rb', "x": "\ud800"}'),
    ("Latin-1", lambda dice, text: text[:-1] + b', "x": "\xe9\xff"}'),
    ("UTF-16", lambda dice, text: text.decode().encode("utf-16")),
    ("byte order mark", lambda dice, text: b"\xef\xbb\xbf" + text),
    ("packed", lambda dice, text: gzip.compress(text)),
    ("zero byte", lambda dice, text: text.replace(b":", b":\x00", 1)),
    ("two values", lambda dice, text: text + text),
    ("XML", lambda dice, text: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ("noise", lambda dice, text: dice.randbytes(200)),
]


# Files --------------------------------------------------------------------------------------------------------------------


def bad_bytes(dice: random.Random, whole: bytes) -> tuple[str, bytes]:
    """A good file gone bad, byte by byte: for files that are not JSON, or not JSON alone."""
    kind = dice.choice(
        ("cut off", "flipped", "flipped", "block lost", "block twice", "noise inside", "noise", "empty", "zeros")
    )
    at = dice.randrange(len(whole))
    span = dice.randint(1, 400)
    made = {
        "cut off": lambda: whole[:at],
        "flipped": lambda: whole[:at] + bytes([whole[at] ^ (1 << dice.randrange(8))]) + whole[at + 1 :],
        "block lost": lambda: whole[:at] + whole[at + span :],
        "block twice": lambda: whole[: at + span] + whole[at:],
        "noise inside": lambda: whole[:at] + dice.randbytes(span) + whole[at + span :],
        "noise": lambda: dice.randbytes(span),
        "empty": lambda: b"",
        "zeros": lambda: whole[:at] + b"\0" * span + whole[at + span :],
    }[kind]()
    return f"{kind} at {at}", made


def lines(dice: random.Random, whole: bytes) -> Iterator[tuple[str, bytes]]:
    """A file of JSON lines with one line gone bad, again and again."""
    good = whole.splitlines()
    while True:
        at = dice.randrange(len(good))
        name, line = bad_json(dice, json.loads(good[at]))
        yield f"line {at + 1}: {name}", b"\n".join([*good[:at], line.replace(b"\n", b" "), *good[at + 1 :]]) + b"\n"
