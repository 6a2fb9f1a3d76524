"""Django's handle on the app “related”."""

from django.apps import AppConfig


class RelatedConfig(AppConfig):
    name = "articles.related"
    label = "related"
    verbose_name = "Related articles"
    default_auto_field = "django.db.models.BigAutoField"
