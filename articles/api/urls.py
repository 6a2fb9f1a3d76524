"""The API's addresses, below `/api/v1/`."""

from django.urls import path

import articles.api.schema  # noqa: F401 - it registers itself
from articles.api import views

app_name = "api"
urlpatterns = [
    path("", views.Start.as_view(), name="start"),
    path("articles/", views.ArticleList.as_view(), name="articles"),
    path("articles/<slug:slug>/", views.ArticleDetail.as_view(), name="article"),
    path("authors/", views.AuthorList.as_view(), name="authors"),
    path("authors/<slug:slug>/", views.AuthorDetail.as_view(), name="author"),
    path("sections/", views.SectionList.as_view(), name="sections"),
    path("sections/<slug:slug>/", views.SectionDetail.as_view(), name="section"),
    path("topics/", views.TopicList.as_view(), name="topics"),
    path("topics/<slug:slug>/", views.TopicDetail.as_view(), name="topic"),
    path("schema/", views.Schema.as_view(), name="schema"),
]
