"""Django's handle on the app “accounts”."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "kjreport.accounts"
    label = "accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"
