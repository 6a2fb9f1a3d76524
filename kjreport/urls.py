"""The readers' front door."""

from django.contrib import admin
from django.urls import include, path

from articles import views as articles_views
from kjreport.health import health

urlpatterns = [
    path("", articles_views.front_page, name="front_page"),
    path("", include("articles.urls")),
    path("about/", articles_views.about, name="about"),
    path("admin/", admin.site.urls),
    path("health/", health, name="health"),
]
