"""Sections and topics in the newsroom."""

from django.contrib import admin

from articles.admin.filters import AnswersForItself
from articles.models import Section, Topic


@admin.register(Section)
class SectionAdmin(AnswersForItself):
    """The places an article can sit."""

    list_display = ("name", "position", "description")
    list_editable = ("position",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    actions = None


@admin.register(Topic)
class TopicAdmin(AnswersForItself):
    """The subjects articles touch."""

    list_display = ("name", "kind", "introduction")
    list_filter = ("kind",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    actions = None
