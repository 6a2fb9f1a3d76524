"""Pictures for tests, as small as pictures can be."""

import io

from PIL import Image

from articles.models import Photo
from articles.models.photo import Licence


def a_photo(alt: str = "A map of nothing", credit: str = "Drawn by a test") -> Photo:
    """Take a small picture into the library, with its renditions."""
    file = io.BytesIO()
    Image.new("RGB", (48, 32), "teal").save(file, "PNG")
    file.seek(0)
    return Photo.objects.keep(file, alt=alt, credit=credit, licence=Licence.OWN)
