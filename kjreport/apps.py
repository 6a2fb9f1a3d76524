"""Django's handle on the roof, with its admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class KJReportConfig(AppConfig):
    name = "kjreport"
    verbose_name = "KJ Report"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from kjreport import checks  # noqa: F401, PLC0415 - registering needs the app registry


class NewsroomConfig(AdminConfig):
    default_site = "kjreport.admin.NewsroomSite"
