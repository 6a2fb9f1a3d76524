"""Django's handle on the app “authors”."""

from django.apps import AppConfig


class AuthorsConfig(AppConfig):
    name = "articles.authors"
    label = "authors"
    verbose_name = "Authors"
    default_auto_field = "django.db.models.BigAutoField"
