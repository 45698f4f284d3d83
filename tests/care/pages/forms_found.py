"""What an attacker's tools do with a page: find its forms, links and anything that a browser would run."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Form", "Reader", "read"]

VOID_TYPES = ("submit", "button", "image", "reset", "file")


@dataclass
class Form:
    """A form as it stands: where it goes, and what it would send for each of its buttons."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def sent(self, plausible: dict[str, str]) -> list[dict[str, str]]:
        """What is sent with each button: fields with what is plausible, else as they stand, else 1; "" leaves one empty."""
        filled = {name: plausible.get(name, value or "1") for name, value in self.fields.items()}
        return [filled | dict([each]) for each in self.buttons] or [filled]


class Reader(HTMLParser):
    """One page: forms, links, and sentences about whatever would run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.runs: list[str] = []
        self.tags: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self._what_runs(tag, had)
        if tag == "a" and "href" in had:
            self.links.append(had["href"])
        if tag == "form":
            self._form = Form(had.get("action", ""), had.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, had)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area and data.strip():
            self._form.fields[self._area] = data.strip()

    def _what_runs(self, tag: str, had: dict[str, str]) -> None:
        for name, value in had.items():
            if name.startswith("on") or name == "style":
                self.runs.append(f"<{tag} {name}={value[:60]!r}>")
            if name in ("href", "src", "action", "formaction") and value.strip().lower().startswith(("javascript:", "data:")):
                self.runs.append(f"<{tag} {name}={value[:60]!r}>")
        if (tag == "script" and not had.get("src", "").startswith("/static/")) or tag in ("iframe", "object", "embed", "base"):
            self.runs.append(f"<{tag} {had}>")

    def _control(self, tag: str, had: dict[str, str]) -> None:
        form, name = self._form, had.get("name", "")
        assert form is not None, "asked only inside a form"
        if tag == "button" and had.get("type", "submit") == "submit" and name:
            form.buttons.append((name, had.get("value", "")))
        elif tag == "select":
            self._select = name
            form.fields.setdefault(name, "")
        elif tag == "option" and self._select and not form.fields[self._select]:
            form.fields[self._select] = had.get("value", "")
        elif tag == "textarea":
            self._area = name
            form.fields.setdefault(name, "")
        elif tag == "input" and name and had.get("type") not in VOID_TYPES:
            if had.get("type") not in ("radio", "checkbox") or name not in form.fields:
                form.fields[name] = had.get("value", "")


def read(text: str) -> Reader:
    """A page, read."""
    reader = Reader()
    reader.feed(text)
    return reader
