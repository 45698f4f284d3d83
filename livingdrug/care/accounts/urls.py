"""Addresses of the account pages. Of allauth's own views only those are here that are needed: nothing else answers."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import URLPattern, URLResolver, path

from livingdrug.care.accounts import views

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/signup/", account.signup, name="account_signup"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", account.password_set, name="account_set_password"),
    path("accounts/2fa/", mfa.index, name="mfa_index"),
    path("accounts/2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/2fa/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/2fa/codes/generate/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/2fa/codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("accounts/provider/", social.connections, name="socialaccount_connections"),
    path("accounts/provider/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/provider/error/", social.login_error, name="socialaccount_login_error"),
    path("accounts/provider/signup/", social.signup, name="socialaccount_signup"),
    path("accounts/<str:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("accounts/<str:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
    path("accounts/invitation/<str:token>/", views.invitation, name="invitation"),
    path("break-glass", views.break_glass, name="break-glass"),
    *views.ROUTES,
]
