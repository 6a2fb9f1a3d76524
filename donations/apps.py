"""Django's handle on the app “donations”."""

from django.apps import AppConfig


class DonationsConfig(AppConfig):
    name = "donations"
    label = "donations"
    verbose_name = "Donations"
    default_auto_field = "django.db.models.BigAutoField"
