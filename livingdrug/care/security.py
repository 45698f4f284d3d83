"""What every answer says to browsers, where a request comes from, and settings that are too weak to start with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from livingdrug.errors import Complaints

__all__ = ["POLICY", "ClientAddress", "Headers", "provider", "weak"]

Answer = Callable[[HttpRequest], HttpResponseBase]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "media-src 'self' blob:",  # the camera's picture, which never leaves the page
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""Content Security Policy: nothing inline, nothing from elsewhere."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # addresses of pages name journeys
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Headers:
    """The usual headers on every answer, errors included; no page is kept by browsers or proxies, only what is static."""

    def __init__(self, answer: Answer) -> None:
        from django.conf import settings

        self.answer, self.static = answer, str(settings.STATIC_URL)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        made = self.answer(request)
        for name, value in HEADERS.items():
            made.headers.setdefault(name, value)
        if not request.path.startswith(self.static):
            made.headers["Cache-Control"] = "no-store"
        return made


class ClientAddress:
    """The address that the TLS proxy saw, which it adds at the end; what a client claims before that counts for nothing."""

    def __init__(self, answer: Answer) -> None:
        from django.conf import settings

        self.answer, self.behind_proxy = answer, not settings.DEMO

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        claimed = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if self.behind_proxy and claimed:
            request.META["REMOTE_ADDR"] = claimed.rpartition(",")[2].strip()
        return self.answer(request)


# Settings -----------------------------------------------------------------------------------------------------------------


def weak(secret: str, key: str, hosts: Sequence[str], complaints: Complaints) -> None:
    """Complain about settings that are there but protect nobody."""
    if secret and (len(set(secret)) < 10 or secret.startswith("django-insecure")):
        complaints.add("LIVINGDRUG_SECRET_KEY", "can be guessed; give what `openssl rand -hex 32` prints")
    if key.lower() == hashlib.sha256(b"livingdrug demo").hexdigest():
        complaints.add("LIVINGDRUG_KEY", "is that of the demo, which everybody knows; give what `openssl rand -hex 32` prints")
    elif key and (key.lower() == secret.lower() or len(set(key)) < 4):
        complaints.add("LIVINGDRUG_KEY", "is the secret key, or can be guessed; give another `openssl rand -hex 32`")
    if any("*" in each for each in hosts):
        complaints.add("LIVINGDRUG_ALLOWED_HOSTS", "allows every name (*); name the hosts under which the service is reached")


OIDC = {"LIVINGDRUG_OIDC_CLIENT": "client_id", "LIVINGDRUG_OIDC_SECRET": "secret", "LIVINGDRUG_OIDC_NAME": "name"}


def provider(environment: Mapping[str, str], complaints: Complaints) -> list[dict[str, Any]]:
    """The identity provider that the environment names, as allauth takes it; none where no LIVINGDRUG_OIDC_URL is set."""
    url = environment.get("LIVINGDRUG_OIDC_URL", "")
    if not url:
        return []
    if not url.startswith("https://"):
        complaints.add("LIVINGDRUG_OIDC_URL", f"{url!r} does not begin with https://; give the issuer of the provider")
    for name in ("LIVINGDRUG_OIDC_CLIENT", "LIVINGDRUG_OIDC_SECRET"):
        if not environment.get(name):
            complaints.add(name, "is not set; the provider gives it when the service is registered there")
    app = {theirs: environment.get(ours, "") for ours, theirs in OIDC.items()}
    app["name"] = app["name"] or "your organization"
    return [{"provider_id": "oidc", **app, "settings": {"server_url": url}}]
