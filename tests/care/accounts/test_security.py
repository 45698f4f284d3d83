"""What the service says to browsers, and that it does not start where it would be insecure."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from entrance import Client, sign_in

from livingdrug.care.security import POLICY, ClientAddress, Headers, provider, weak
from livingdrug.errors import Complaints

REAL = {
    "LIVINGDRUG_SECRET_KEY": "5f2c8e0b9d714a63c1e7f4028b6d95a3e8074c1f6b2d9ea05378c4f1d6e20b97",
    "LIVINGDRUG_KEY": "a41d7c93e0526fb8d917e3c40b6f82a5d9e1073c5b48f6a2e7c0d3914f8b6a25",
    "LIVINGDRUG_ALLOWED_HOSTS": "cells.hospital.example",
}


def started(tmp_path: Path, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """A new interpreter that starts Django with an environment of our own and nothing of a demo."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIVINGDRUG_", "DJANGO_"))}
    whole = kept | {"LIVINGDRUG_DATABASE": f"sqlite:///{tmp_path}/store.sqlite3"} | environment
    setup = "from livingdrug.care.database import start; start()\n"
    command = [sys.executable, "-W", "error", "-c", setup + code]
    return subprocess.run(command, env=whole, capture_output=True, text=True, check=False)


def test_the_deployment_checks_of_django_find_nothing(tmp_path: Path) -> None:
    check = 'from django.core.management import call_command; call_command("check", deploy=True, fail_level="WARNING")'
    ran = started(tmp_path, check, **REAL)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("missing", REAL)
def test_it_does_not_start_without_a_secret(tmp_path: Path, missing: str) -> None:
    ran = started(tmp_path, **{name: value for name, value in REAL.items() if name != missing})
    assert ran.returncode != 0
    assert missing in ran.stderr
    assert "is not set" in ran.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LIVINGDRUG_SECRET_KEY", "demo" * 8, "can be guessed"),
        ("LIVINGDRUG_SECRET_KEY", "short", "does not fit"),
        ("LIVINGDRUG_SECRET_KEY", "django-insecure-5f2c8e0b9d714a63c1e7f4028b6d95a3", "can be guessed"),
        ("LIVINGDRUG_KEY", "0" * 64, "can be guessed"),
        ("LIVINGDRUG_KEY", "5f2c", "does not fit"),
        ("LIVINGDRUG_KEY", REAL["LIVINGDRUG_SECRET_KEY"], "is the secret key"),
        ("LIVINGDRUG_ALLOWED_HOSTS", "*", "allows every name"),
        ("LIVINGDRUG_OIDC_URL", "http://login.example", "does not begin with https"),
    ],
)
def test_it_does_not_start_with_a_setting_that_protects_nobody(tmp_path: Path, name: str, value: str, says: str) -> None:
    ran = started(tmp_path, **(REAL | {name: value}))
    assert ran.returncode != 0
    assert name in ran.stderr
    assert says in ran.stderr
    assert value not in ran.stderr or len(value) < 30, "a secret is not printed"


def test_the_key_of_the_demo_is_refused_outside_it(tmp_path: Path) -> None:
    import hashlib

    ran = started(tmp_path, **(REAL | {"LIVINGDRUG_KEY": hashlib.sha256(b"livingdrug demo").hexdigest()}))
    assert "is that of the demo" in ran.stderr


def test_debugging_is_off_outside_a_demo_whatever_is_asked(tmp_path: Path) -> None:
    code = (
        "from django.conf import settings; print(settings.DEBUG, settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE)"
    )
    ran = started(tmp_path, code, **REAL, LIVINGDRUG_DEBUG="1")
    assert ran.stdout.split() == ["False", "__Host-session", "True"]


def test_no_secret_stands_in_the_package() -> None:
    import livingdrug

    pattern = re.compile(r"(SECRET|PASSWORD|TOKEN|KEY)\w*\s*=\s*[\"'][A-Za-z0-9+/=_-]{24,}[\"']")
    files = Path(livingdrug.__file__).parent.rglob("*.py")
    assert [str(file) for file in files if pattern.search(file.read_text(encoding="utf-8"))] == []


# Headers ----------------------------------------------------------------------------------------------------------------


def test_every_answer_carries_the_policy_and_none_is_kept(account: Any) -> None:
    account("chop-coordinator-1")
    client = Client()
    sign_in(client, "chop-coordinator-1@example.org")
    for where in ("/accounts/login/", "/accounts/2fa/", "/board", "/board.json", "/nowhere", "/break-glass", "/accounts"):
        answer = client.get(where)
        assert answer.headers["Content-Security-Policy"] == POLICY, where
        assert answer.headers["Cache-Control"] == "no-store", where
        assert answer.headers["Referrer-Policy"] == "same-origin", where
        assert answer.headers["X-Frame-Options"] == "DENY", where
        assert answer.headers["X-Content-Type-Options"] == "nosniff", where
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", where
        assert "camera=(self)" in answer.headers["Permissions-Policy"], where


def test_the_policy_lets_nothing_inline_and_nothing_from_elsewhere_in() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert "data:" not in POLICY
    assert POLICY.startswith("default-src 'none'")


def test_pages_of_accounts_have_nothing_inline(account: Any) -> None:
    account(office="administrator")
    client = Client()
    pages = [client.get("/accounts/login/")]
    sign_in(client, "administrator@example.org")
    own = ("2fa/", "2fa/totp/activate/", "password/change/", "logout/", "reauthenticate/")
    pages += [client.get("/accounts"), *(client.get(f"/accounts/{where}") for where in own)]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text), page.request["PATH_INFO"]


def test_a_static_file_may_be_kept() -> None:
    answer = Headers(lambda request: HttpResponse())(RequestFactory().get("/static/care/style.css"))
    assert "Cache-Control" not in answer.headers


def test_behind_a_proxy_the_address_is_what_the_proxy_saw_and_not_what_the_client_claims(settings: Any) -> None:
    def seen(forwarded: str, *, demo: bool) -> str:
        settings.DEMO = demo
        request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
        ClientAddress(lambda request: HttpResponse())(request)
        return request.META["REMOTE_ADDR"]

    assert seen("1.2.3.4, 203.0.113.7", demo=False) == "203.0.113.7"
    assert seen("203.0.113.7", demo=False) == "203.0.113.7"
    assert seen("1.2.3.4", demo=True) == "127.0.0.1"


# The identity provider --------------------------------------------------------------------------------------------------


def test_a_provider_comes_from_the_environment_or_there_is_none() -> None:
    found = Complaints()
    assert provider({}, found) == []
    whole = {"LIVINGDRUG_OIDC_URL": "https://login.example", "LIVINGDRUG_OIDC_CLIENT": "c", "LIVINGDRUG_OIDC_SECRET": "s"}
    made = provider(whole, found)
    assert made[0]["settings"] == {"server_url": "https://login.example"}
    assert (made[0]["client_id"], made[0]["secret"], made[0]["name"]) == ("c", "s", "your organization")
    assert found.found == []
    provider({"LIVINGDRUG_OIDC_URL": "https://login.example"}, found)
    assert [each.where for each in found.found] == ["LIVINGDRUG_OIDC_CLIENT", "LIVINGDRUG_OIDC_SECRET"]


def test_good_settings_are_not_complained_about() -> None:
    found = Complaints()
    weak(REAL["LIVINGDRUG_SECRET_KEY"], REAL["LIVINGDRUG_KEY"], [REAL["LIVINGDRUG_ALLOWED_HOSTS"]], found)
    assert found.found == []
