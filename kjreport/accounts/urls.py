"""Addresses under /account/ that are the account's own; allauth's stand beside them."""

from django.urls import include, path

from kjreport.accounts import views
from kjreport.accounts.passkeys import AddPasskey

urlpatterns = [
    path("confirm/", views.prove_by_code, name="account_prove_by_code"),
    path("preferences/", views.keep_preferences, name="account_preferences"),
    path("sign-out-everywhere/", views.sign_out_everywhere, name="account_sign_out_everywhere"),
    path("tokens/", views.tokens, name="account_tokens"),
    path("tokens/<int:pk>/revoke/", views.revoke_token, name="account_revoke_token"),
    path("2fa/webauthn/add/", AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("", include("allauth.urls")),
]
