"""A store with a patient at every stage, visitors of every role, and a browser in front of a running service."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from pytest_django.plugin import DjangoDbBlocker
from stages import NOW, Told, tell_all

# Playwright's plain calls run inside an event loop, in which Django would refuse to read the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

from django.test import Client

from livingdrug.care import clock, database

PASSWORD = "lapwing-granite-orbit-7"
CHROMIUM = os.environ.get("LIVINGDRUG_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
REQUIRED = os.environ.get("LIVINGDRUG_REQUIRE_BROWSER") == "1"
WIDE, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}
SITE = "morris-plains"
OFFICES = ("auditor", "administrator")


@pytest.fixture(scope="session")
def told_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Told:
    """A store in which every story was told once; each test works on a copy."""
    path = tmp_path_factory.mktemp("told") / "store.sqlite3"
    shutil.copy(sqlite_template, path)
    with django_db_blocker.unblock():
        database.use(f"sqlite:///{path}")
        told = tell_all()
        _close()
    return Told(str(path), told.ids, told.stories)


@pytest.fixture
def store_(
    told_template: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any, django_db_blocker: DjangoDbBlocker
) -> Iterator[Told]:
    """A store in use, with the journeys of `stages.PATIENTS`, at `stages.NOW`: `store_["infused"]` is the id of a journey."""
    path = tmp_path / "told.sqlite3"
    shutil.copy(told_template.url, path)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with django_db_blocker.unblock():
        database.use(f"sqlite:///{path}")
        yield Told(f"sqlite:///{path}", told_template.ids, told_template.stories)
        _close()


def _close() -> None:
    from django.db import connections

    connections.close_all()


def person_of(role: str, place: str) -> str:
    """Who has that role there, as the network names them: the first of several."""
    if role in OFFICES:
        return ""
    if role == "courier":
        return "courier-1"
    if role == "payer":
        return f"{place if place in ('medicaid', 'commercial') else 'medicare'}-payer-1"
    if role == "qualified person":
        return f"{SITE}-quality-2"
    return f"{SITE if role in ('operator', 'quality') else place}-{role.replace(' ', '-')}-1"


def account_of(role: str, place: str) -> Any:
    """The account of that person, made when it is first asked for."""
    from livingdrug.care.accounts.models import Account

    email = f"{role}.{place}@example.org".replace(" ", "-")
    found = Account.objects.filter(email=email).first()
    extra = [role] if role in OFFICES else []
    name = f"{role.capitalize()} of {place}"
    return found or Account.objects.create(
        email=email, password=PASSWORD, name=name, person=person_of(role, place), extra_roles=extra
    )


SignIn = Callable[..., Any]


@pytest.fixture
def sign_in(store_: Told) -> SignIn:
    """A test client that is signed in: `sign_in("coordinator")`, `sign_in("physician", "stanford")`, `sign_in("payer")`.

    Its password, to sign acts again, is `conftest.PASSWORD`, also as the client's `password`.
    """

    def client(role: str, place: str = "chop") -> Client:
        made = Client()
        made.force_login(account_of(role, place))
        cast(Any, made).password = PASSWORD
        return made

    return client


# The browser ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Chromium, started once."""
    if not CHROMIUM:
        assert not REQUIRED, "LIVINGDRUG_REQUIRE_BROWSER=1, and there is no chromium; install it or set LIVINGDRUG_CHROMIUM"
        pytest.skip("no chromium here; install Debian's, or set LIVINGDRUG_CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture
def live(store_: Told) -> Iterator[str]:
    """The address of the service, running on the store of the test."""
    from django.test.testcases import LiveServerThread

    thread: Any = LiveServerThread("127.0.0.1", lambda application: application)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


@pytest.fixture
def browser(chromium: Any, live: str) -> Iterator[Any]:
    """A page of chromium, 1200 pixels wide, whose addresses begin at the running service: `browser.goto("/board")`."""
    context = chromium.new_context(base_url=live, viewport=WIDE, timezone_id="America/New_York")
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.fixture
def enter(sign_in: SignIn, live: str) -> Callable[..., Any]:
    """Sign a browser's page in: `enter(browser, "physician", "chop", phone=True)`; the page comes back."""

    def entered(page: Any, role: str, place: str = "chop", *, phone: bool = False) -> Any:
        cookies = sign_in(role, place).cookies
        page.context.clear_cookies()
        page.context.add_cookies([{"name": name, "value": each.value, "url": live} for name, each in cookies.items()])
        page.set_viewport_size(PHONE if phone else WIDE)
        return page

    return entered


@pytest.fixture
def picture() -> Callable[..., list[Path]]:
    """Keep pictures of a page at both widths, for people to look at, where LIVINGDRUG_PICTURES names a folder."""

    def taken(page: Any, name: str) -> list[Path]:
        folder = os.environ.get("LIVINGDRUG_PICTURES", "")
        made: list[Path] = []
        for size, word in ((WIDE, "wide"), (PHONE, "phone")) if folder else ():
            page.set_viewport_size(size)
            made.append(Path(folder) / f"{name}-{word}.png")
            page.screenshot(path=made[-1], full_page=True)
        return made

    return taken


@pytest.fixture
def violations() -> Callable[..., list[str]]:
    """What axe-core finds wrong with a page, at both widths: a sentence for each, none when all is well."""

    def found(page: Any) -> list[str]:
        from axe_playwright_python.sync_playwright import Axe

        said: list[str] = []
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)
            for each in Axe().run(page).response["violations"]:
                where = "; ".join(str(node["html"])[:160] for node in each["nodes"][:3])
                said.append(f"{size['width']} px: {each['id']}: {each['help']}: {where}")
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wider > 0:
                said.append(f"{size['width']} px: the page is {wider} px wider than the screen")
        return said

    return found
