"""Settings of the care service, read from the environment only; it refuses to start insecurely.

LIVINGDRUG_DATABASE       sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME
LIVINGDRUG_SECRET_KEY     signs sessions and tokens; 32 characters at least
LIVINGDRUG_KEY            wraps the keys of patients: 32 bytes as 64 hexadecimal digits; keep it apart from backups
LIVINGDRUG_ALLOWED_HOSTS  names under which the service is reached, separated by commas
LIVINGDRUG_NETWORK        the network that new journeys belong to; without it, us-launch-2017
LIVINGDRUG_OIDC_URL       identity provider (OpenID Connect), https://…; with _OIDC_CLIENT, _OIDC_SECRET and _OIDC_NAME
LIVINGDRUG_DEBUG          1 shows errors in the browser; only with LIVINGDRUG_DEMO
LIVINGDRUG_DEMO           1 fills in keys that everybody knows: for a trial on one machine, never for patients
"""

from __future__ import annotations

import hashlib
import os
import re

from livingdrug.care.database import DEFAULT, options
from livingdrug.care.security import provider, weak
from livingdrug.errors import Complaints

DEMO = os.environ.get("LIVINGDRUG_DEMO") == "1"
DEBUG = DEMO and os.environ.get("LIVINGDRUG_DEBUG") == "1"
_missing = Complaints()


def _setting(name: str, demo: str, says: str, pattern: str = ".+") -> str:
    """A setting that must be there; in a demo, a value that everybody knows."""
    value = os.environ.get(name, demo if DEMO else "")
    if not re.fullmatch(pattern, value):
        _missing.add(name, f"{'does not fit' if value else 'is not set'}; {says}, or set LIVINGDRUG_DEMO=1 to try the service")
    return value


SECRET_KEY = _setting("LIVINGDRUG_SECRET_KEY", "demo" * 8, "give 32 characters that nobody can guess", r".{32,}")
LIVINGDRUG_KEY = _setting(
    "LIVINGDRUG_KEY",
    hashlib.sha256(b"livingdrug demo").hexdigest(),
    "give 64 hexadecimal digits, as `openssl rand -hex 32` prints them",
    r"[0-9a-fA-F]{64}",
)
ALLOWED_HOSTS = _setting("LIVINGDRUG_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver", "name the hosts").split(",")
LIVINGDRUG_NETWORK = os.environ.get("LIVINGDRUG_NETWORK", "us-launch-2017")
OIDC = provider(os.environ, _missing)
if not DEMO:
    weak(SECRET_KEY, LIVINGDRUG_KEY, ALLOWED_HOSTS, _missing)
_missing.raise_any()

DATABASES = {"default": options(os.environ.get("LIVINGDRUG_DATABASE", DEFAULT))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "livingdrug.care.accounts",  # before allauth, whose templates it replaces
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "livingdrug.care.api",
    "livingdrug.care",
]
MIDDLEWARE = [
    "livingdrug.care.security.Headers",
    "livingdrug.care.security.ClientAddress",
    "livingdrug.care.api.middleware.OneShape",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "livingdrug.care.accounts.middleware.SessionLimits",
    "livingdrug.care.accounts.middleware.SecondFactor",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "livingdrug.care.urls"
WSGI_APPLICATION = "livingdrug.care.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "livingdrug.care.accounts.context.around",
            ],
        },
    },
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # style and scripts are few, and come from the package itself: nothing is collected

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if not DEMO:  # a browser takes a cookie of such a name only from this host, over TLS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
LIVINGDRUG_IDLE_SECONDS = 12 * 3600 if DEMO else 15 * 60
LIVINGDRUG_SESSION_SECONDS = SESSION_COOKIE_AGE = (72 if DEMO else 12) * 3600
SECURE_SSL_REDIRECT = not DEMO
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if DEMO else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # preloading is for whoever owns the whole domain to decide
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000

# Accounts ---------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["livingdrug.care.accounts.backend.PasswordBackend"]
# scrypt is in the standard library and needs memory as well as time, which PBKDF2 does not.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "livingdrug.care.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip"}  # by address it is counted on the account, whatever process asks
MFA_FORMS = {
    "authenticate": "livingdrug.care.accounts.forms.CodeForm",
    "reauthenticate": "livingdrug.care.accounts.forms.CodeAgainForm",
}
MFA_ADAPTER = "livingdrug.care.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "livingdrug"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
SOCIALACCOUNT_ADAPTER = "livingdrug.care.accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": OIDC, "OAUTH_PKCE_ENABLED": True}}
