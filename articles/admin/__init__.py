"""The newsroom's side of articles; importing it registers what the admin shows."""

from articles.admin import article, front_page, photos, taxonomy

__all__ = ["article", "front_page", "photos", "taxonomy"]
