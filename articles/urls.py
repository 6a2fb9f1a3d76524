"""Addresses of what can be read. Slugs and keys are matched exactly, so that each page has one address."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from articles import views


class PhotoKeyConverter(StringConverter):
    """A photo's unguessable name."""

    regex = "[0-9a-f]{20}"


class CropConverter(StringConverter):
    """A shape and a focal point in per cent, as `articles.images.Crop` names them."""

    regex = r"\dx\d-\d{1,3}-\d{1,3}"


class CardDigestConverter(StringConverter):
    """What stands on a social card, in short."""

    regex = "[0-9a-f]{16}"


register_converter(CardDigestConverter, "card_digest")
register_converter(PhotoKeyConverter, "photo_key")
register_converter(CropConverter, "crop")

app_name = "articles"
urlpatterns = [
    path("articles/", views.archive, name="archive"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("articles/<slug:slug>/card-<card_digest:digest>.jpg", views.social_card, name="social_card"),
    path("sections/<slug:slug>/", views.section, name="section"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("authors/<slug:slug>/", views.author, name="author"),
    path("corrections/", views.corrections, name="corrections"),
    path("search/", views.search, name="search"),
    path("pictures/<photo_key:key>/<int:width>.<slug:extension>", views.picture, name="picture"),
    path("pictures/<photo_key:key>/<crop:crop>/<int:width>.<slug:extension>", views.picture, name="crop"),
]
