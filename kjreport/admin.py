"""The newsroom: the admin site and its first page."""

from django.contrib import admin


class NewsroomSite(admin.AdminSite):
    """Where journalists write and the publisher keeps her books."""

    site_header = "KJ Report newsroom"
    site_title = "KJ Report newsroom"
    index_title = "The desk"
