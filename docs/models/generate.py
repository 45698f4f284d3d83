"""Renew the generated parts of every model's page: `python docs/models/generate.py`, after a model file has changed."""

from pathlib import Path

from livingdrug.biology.describe import page_parts
from livingdrug.biology.models import load, names


def renewed(page: str, before: str, after: str) -> str:
    """The page with its own title, introduction and Replication, and new generated parts around the latter."""
    introduction = page.split("## Population")[0]
    replication = page.split("## Replication")[1].split("\n## ")[0].rstrip()
    return f"{introduction}{before}\n## Replication{replication}\n\n{after}"


if __name__ == "__main__":
    for name in names():
        path = Path(__file__).with_name(f"{name}.md")
        path.write_text(renewed(path.read_text(encoding="utf-8"), *page_parts(load(name))), encoding="utf-8")
