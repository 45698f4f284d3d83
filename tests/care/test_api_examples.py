"""What the documentation shows works: both walks, and every curl command of the page, against a server of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from api_world import token
from workers.service import Service, served

from livingdrug.cli import ExitStatus, run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/api.md").read_text(encoding="utf-8")


def ran(service: Service, *command: str | Path, folder: Path = ROOT) -> str:
    """What a command prints that ends well."""
    url = f"http://127.0.0.1:{service.port}"
    about = {"LIVINGDRUG_URL": url, "LIVINGDRUG_TOKEN": token("chop-physician-1", "read", "act")}
    made = subprocess.run(
        [*map(str, command)], env={**os.environ, **about}, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert about["LIVINGDRUG_TOKEN"] not in made.stdout
    return made.stdout


def test_the_walks_and_the_commands_of_the_page_run(sqlite: str, tmp_path: Path) -> None:
    with served(sqlite, workers=1) as service:
        shell = ran(service, "sh", ROOT / "examples/api/walk.sh")
        python = ran(service, sys.executable, ROOT / "examples/api/walk.py", f"http://127.0.0.1:{service.port}")
        blocks = "\n".join(re.findall(r"^```bash\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
        page = ran(service, "sh", "-euc", f"api=$LIVINGDRUG_URL/api/v1 token=$LIVINGDRUG_TOKEN\n{blocks}", folder=tmp_path)
    for text in ('"status": "ok"', "idempotent-replay: true", "LD-0", '"open": false', '"status": 412', '"consent given"'):
        assert text.lower() in shell.lower(), shell
    for text in ("too early: ", "the gate is shut", "changed meanwhile", "1. referred", "2. consent given"):
        assert text in python, python
    assert '"version": 2' in page
    assert "tisagenlecleucel" in page


def test_a_token_is_made_listed_and_taken_back_from_the_command_line(sqlite: str, capsys: pytest.CaptureFixture[str]) -> None:
    from api_world import account, get

    email = account("chop-physician-1").email
    assert run(["token", "create", email, "--scopes", "read, act", "--about", "a walk"]) == ExitStatus.FINE
    secret = capsys.readouterr().out.strip()
    assert get("/journeys", secret).status_code == 200
    assert run(["token", "list"]) == ExitStatus.FINE
    listed = capsys.readouterr().out
    assert "a walk" in listed
    assert secret not in listed
    assert run(["token", "revoke", "1"]) == ExitStatus.FINE
    assert get("/journeys", secret).status_code == 401
    assert run(["token", "create", email, "--scopes", "fly"]) != ExitStatus.FINE
    assert "fly" in capsys.readouterr().err


def test_the_page_names_every_scope_status_and_address() -> None:
    from livingdrug.care.accounts.signing import SIGNED_ACTS
    from livingdrug.care.api.app import api
    from livingdrug.care.api.models import SCOPES
    from livingdrug.care.api.problems import ANSWERS

    for word in (*SCOPES, *SIGNED_ACTS):
        assert f"`{word}`" in PAGE, word
    for status in ANSWERS:
        assert str(status) in PAGE, status
    for path in api.get_openapi_schema()["paths"]:
        shown = path.removeprefix("/api/v1").replace("{id}", "ID").partition("/{")[0]
        assert f"`{shown}`" in PAGE, path
