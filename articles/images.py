"""Reads pictures safely and makes their renditions. `Photo.objects.keep` is what the newsroom calls."""

import io
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

WIDTHS = (320, 640, 960, 1440, 1920)
FORMATS = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
SOCIAL_WIDTH = 1200  # one JPEG for the cards of social networks, which know nothing newer
SHAPES = {"3x2": 3 / 2, "1x1": 1.0}  # what the design crops to: cards, and portraits and rows on a phone
CROPPED_WIDTHS = (160, 320, 640, 960, 1440)
LARGEST_SIDE = 2560
LARGEST_FILE = 30 * 1024 * 1024  # bytes
LARGEST_AREA = 40_000_000  # pixels
_ACCEPTED = ("JPEG", "PNG", "WEBP", "AVIF")
_SAVING = {
    "avif": {"format": "AVIF", "quality": 55, "speed": 8},
    "webp": {"format": "WEBP", "quality": 80, "method": 4},
    "jpg": {"format": "JPEG", "quality": 84, "optimize": True, "progressive": True},
}


def read_picture(file: IO[bytes]) -> Image.Image:
    """Return the picture in a file: upright, in sRGB, without metadata, its longer side at most 2,560 pixels.

    Raises:
        ValidationError: too large, of another kind, or broken; the sentence says which.
    """
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ValidationError("This file is larger than 30 MB. Make it smaller and try again.")
    try:
        with Image.open(io.BytesIO(data), formats=_ACCEPTED) as opened:
            if opened.width * opened.height > LARGEST_AREA:
                raise ValidationError("This picture has more than 40 megapixels. Make it smaller and try again.")
            opened.load()
            picture = _to_rgb(ImageOps.exif_transpose(opened))
    except UnidentifiedImageError:
        raise ValidationError(f"{_name_kind(data)} Upload a JPEG, PNG, WebP or AVIF.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValidationError("This picture has more than 40 megapixels. Make it smaller and try again.") from None
    except (OSError, ValueError, SyntaxError):
        raise ValidationError("This picture is damaged: it could not be read to its end.") from None
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    return picture


def write_original(key: str, picture: Image.Image) -> str:
    """Keep the re-encoded original; return its name in the storage."""
    encoded = _encode(picture, {"format": "WEBP", "quality": 92, "method": 4})
    return default_storage.save(_original_path(key), ContentFile(encoded))


def write_renditions(key: str, picture: Image.Image) -> None:
    """Make every rendition once, on every core. About half a second for a large picture."""
    wanted = [(width, extension) for width in widths_of(picture.width) for extension in ("avif", "webp")]
    wanted.append((SOCIAL_WIDTH, "jpg"))
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # encoding lets go of the interpreter
        made = pool.map(lambda each: _encode(_scale(picture, each[0]), _SAVING[each[1]]), wanted)
        for (width, extension), encoded in zip(wanted, made, strict=True):
            default_storage.save(rendition_path(key, width, extension), ContentFile(encoded))


@dataclass(frozen=True)
class Crop:
    """One shape of one picture around its focal point. Width and height are the original's, in pixels.

    Its name stands in its addresses: it tells shape and focal point, so another focal point is another address, and
    what a browser keeps for good stays true.
    """

    key: str
    width: int
    height: int
    shape: str
    focal: tuple[int, int]

    @property
    def name(self) -> str:
        """What its addresses call it."""
        return f"{self.shape}-{self.focal[0]}-{self.focal[1]}"

    @property
    def size(self) -> tuple[int, int]:
        """How much of the original it shows."""
        ratio = SHAPES[self.shape]
        return max(1, min(self.width, round(self.height * ratio))), max(1, min(self.height, round(self.width / ratio)))

    @property
    def widths(self) -> list[int]:
        """What it is offered in; never larger than what it shows."""
        most = self.size[0]
        return [offered for offered in CROPPED_WIDTHS if offered < most] + [min(most, CROPPED_WIDTHS[-1])]

    def path(self, width: int, extension: str) -> str:
        """Return where the storage keeps it."""
        return f"renditions/{self.key}/{self.name}/{width}.{extension}"

    def address(self, width: int, extension: str = "webp") -> str:
        """Return the address of the rendition nearest above this width, or the largest."""
        offered = next((one for one in self.widths if one >= width), self.widths[-1])
        return f"{settings.MEDIA_URL}{self.key}/{self.name}/{offered}.{extension}"

    def srcset(self, extension: str) -> str:
        """Return its `srcset`."""
        return ", ".join(f"{self.address(offered, extension)} {offered}w" for offered in self.widths)

    @property
    def avif(self) -> str:
        """All widths as AVIF."""
        return self.srcset("avif")

    @property
    def webp(self) -> str:
        """All widths as WebP."""
        return self.srcset("webp")

    @property
    def src(self) -> str:
        """For a browser that knows no `srcset`: WebP, about 640 pixels wide."""
        return self.address(640)

    @property
    def small(self) -> str:
        """For thumbnails: WebP, 320 pixels wide or less."""
        return self.address(320)

    def cut(self, picture: Image.Image) -> Image.Image:
        """Return that part of a picture."""
        centre = (self.focal[0] / 100, self.focal[1] / 100)
        (wide, high), (all_wide, all_high) = self.size, picture.size
        left = min(max(round(all_wide * centre[0] - wide / 2), 0), max(all_wide - wide, 0))
        top = min(max(round(all_high * centre[1] - high / 2), 0), max(all_high - high, 0))
        return picture.crop((left, top, left + wide, top + high))

    def write(self, picture: Image.Image) -> None:
        """Make every rendition that is not there yet."""
        part = self.cut(picture)
        wanted = [(width, extension) for width in self.widths for extension in ("avif", "webp")]
        missing = [each for each in wanted if not default_storage.exists(self.path(*each))]
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            made = pool.map(lambda each: _encode(_scale(part, each[0]), _SAVING[each[1]]), missing)
            for each, encoded in zip(missing, made, strict=True):
                default_storage.save(self.path(*each), ContentFile(encoded))


def open_original(key: str) -> Image.Image:
    """Return the picture that was kept, to cut it anew.

    Raises:
        FileNotFoundError: it is not there.
    """
    with default_storage.open(_original_path(key)) as file, Image.open(file) as opened:
        return opened.convert("RGB")


def forget(key: str, width: int, crops: Iterable[Crop] = ()) -> None:
    """Remove whatever was written of a picture so wide, half-written files too."""
    names = [rendition_path(key, each, extension) for each in widths_of(width) for extension in ("avif", "webp")]
    names += [crop.path(each, extension) for crop in crops for each in crop.widths for extension in ("avif", "webp")]
    for name in [_original_path(key), *names, rendition_path(key, SOCIAL_WIDTH, "jpg")]:
        default_storage.delete(name)


def _original_path(key: str) -> str:
    return f"photos/{key}.webp"


def widths_of(width: int) -> list[int]:
    """Return the widths a picture so wide is offered in; never larger than itself."""
    return [offered for offered in WIDTHS if offered < width] + [min(width, WIDTHS[-1])]


def rendition_path(key: str, width: int, extension: str) -> str:
    """Return where the storage keeps a rendition."""
    return f"renditions/{key}/{width}.{extension}"


def address(key: str, width: int, extension: str) -> str:
    """Return the address a reader's browser asks for; the wall answers it."""
    return f"{settings.MEDIA_URL}{key}/{width}.{extension}"


def srcset(key: str, width: int, extension: str) -> str:
    """Return the `srcset` of a picture whose original is so wide."""
    return ", ".join(f"{address(key, offered, extension)} {offered}w" for offered in widths_of(width))


def _name_kind(data: bytes) -> str:
    """Say what a file is that we cannot use, whatever its name says; telephones send HEIC under all sorts of names."""
    known = {b"GIF8": "a GIF", b"%PDF": "a PDF", b"II*\0": "a TIFF", b"MM\0*": "a TIFF", b"8BPS": "a Photoshop file"}
    if not data:
        return "This file is empty."
    kind = next((name for sign, name in known.items() if data.startswith(sign)), "")
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"mif1", b"msf1"}:
        kind = "a HEIC picture, as some telephones make"
    elif b"<svg" in data[:1024].lower():
        kind = "an SVG drawing"
    return f"This file is {kind}." if kind else "This file is not a picture we can use."


def find_likeness(picture: Image.Image) -> str:
    """Return 256 bits in hexadecimal: where the picture grows lighter from left to right, in sixteen rows.

    Encoding it again, or another size, changes few of them. Of a picture in one colour all are nought.
    """
    grey = picture.convert("L").resize((17, 16), Image.Resampling.LANCZOS).tobytes()
    rows = (grey[start : start + 17] for start in range(0, 17 * 16, 17))
    bits = "".join("1" if right > left else "0" for row in rows for left, right in pairwise(row))
    return f"{int(bits, 2):064x}"


def find_colour(picture: Image.Image) -> str:
    """Return its colour on the whole, as #rrggbb."""
    return "#" + picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes().hex()


def is_alike(one: tuple[str, str], other: tuple[str, str], bits: int, shade: int) -> bool:
    """Whether likeness and colour of two pictures differ in no more than so many bits, and so much of each colour."""
    if (int(one[0], 16) ^ int(other[0], 16)).bit_count() > bits:
        return False
    shades = zip(bytes.fromhex(one[1][1:]), bytes.fromhex(other[1][1:]), strict=True)
    return all(abs(mine - theirs) <= shade for mine, theirs in shades)


def _to_rgb(picture: Image.Image) -> Image.Image:
    """Flatten transparency on white and convert to sRGB; what is not a pixel stays behind."""
    profile = picture.info.get("icc_profile")
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGB", layered.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        picture = ground
    if profile and picture.mode == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            picture = converted or picture
        except ImageCms.PyCMSError:
            pass  # a nonsensical profile changes colours a little; the picture is still the picture
    clean = Image.new("RGB", picture.size)
    clean.paste(picture.convert("RGB"))
    return clean


def _scale(picture: Image.Image, width: int) -> Image.Image:
    """Return the picture so wide; never wider than it is."""
    width = min(width, picture.width)
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _encode(picture: Image.Image, options: dict[str, object]) -> bytes:
    out = io.BytesIO()
    picture.save(out, **options)  # type: ignore[arg-type] # Pillow types its keyword arguments loosely
    return out.getvalue()
