"""The text of a PDF that a browser printed: enough of the format to read what stands on the paper.

Letters are set one by one or in pieces, so the spaces between words are not known: the text has none.
"""

from __future__ import annotations

import re
import unicodedata
import zlib

__all__ = ["pages", "squeezed", "text"]

OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
FONT = re.compile(rb"/(F\d+) (\d+) 0 R")
SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>")


def text(printed: bytes) -> str:
    """All text in the order in which it was set, without spaces."""
    objects = {int(number): body for number, body in OBJECT.findall(printed)}
    fonts = {name: _letters(objects, int(number)) for body in objects.values() for name, number in FONT.findall(body)}
    return "".join(_set(_stream(body), fonts) for body in objects.values() if b" Tf" in _stream(body))


def squeezed(words: str) -> str:
    """Words as `text` has them."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", words))


def pages(printed: bytes) -> int:
    """How many pages there are."""
    return len(re.findall(rb"/Type /Page\b(?!s)", printed))


def _stream(body: bytes) -> bytes:
    found = STREAM.search(body)
    if found is None:
        return b""
    try:
        return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]
    except zlib.error:
        return b""


def _letters(objects: dict[int, bytes], font: int) -> dict[int, str]:
    """What each glyph of a font is read as."""
    named = re.search(rb"/ToUnicode (\d+) 0 R", objects.get(font, b""))
    table = _stream(objects[int(named[1])]) if named else b""
    made: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for glyph, letter in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            made[int(glyph, 16)] = bytes.fromhex(letter.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, letter in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for glyph in range(int(first, 16), int(last, 16) + 1):
                made[glyph] = chr(int(letter, 16) + glyph - int(first, 16))
    return made


def _set(stream: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    made, letters = list[str](), dict[int, str]()
    for font, shown in SHOWN.findall(stream):
        if font:
            letters = fonts.get(font, {})
        else:
            made += (letters.get(int(shown[place : place + 4], 16), "?") for place in range(0, len(shown), 4))
    return squeezed("".join(made))
