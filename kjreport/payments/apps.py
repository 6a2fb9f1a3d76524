"""Django's handle on the app “payments”."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "kjreport.payments"
    label = "payments"
    verbose_name = "Payments"
    default_auto_field = "django.db.models.BigAutoField"
