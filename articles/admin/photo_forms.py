"""Forms of the picture library: one picture, many at once, and the words of one that is there."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from articles.models import Photo
from articles.models.photo import TwinError
from kjreport.accounts.models import User

WORDS: tuple[str, ...] = ("alt", "caption", "credit", "source", "licence", "licence_terms", "licence_until")
# What a whole shoot has in common.
SHARED: tuple[str, ...] = (
    "credit",
    "source",
    "licence",
    "licence_terms",
    "licence_until",
)
MOST_FILES = 50  # at once, without a script; with one they come one a request
_DAY = {"licence_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class WordsForm(forms.ModelForm[Photo]):
    """What is said of a picture that is there."""

    class Meta:
        model = Photo
        fields: tuple[str, ...] = WORDS
        widgets = _DAY


class PhotoForm(WordsForm):
    """What is known of a picture, and on the first day its file."""

    file = forms.FileField(label="File", help_text="JPEG, PNG, WebP or AVIF, up to 30 MB and 40 megapixels.")
    keep_both = forms.BooleanField(label="Keep it even if the library has it already", required=False)

    class Meta(WordsForm.Meta):
        fields = (*WORDS, "focal_x", "focal_y")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("file", "keep_both"):
                self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        """Take a new picture in: only reading it to its end tells whether it is one."""
        cleaned = super().clean() or self.cleaned_data
        if "file" in cleaned and not self.errors:
            try:
                self.instance = keep(cleaned)
            except ValidationError as refusal:
                self.add_error("file", refusal.messages)
        return cleaned


class UploadForm(WordsForm):
    """A picture added from the article's form, where whoever writes has it before them and can say what it shows."""

    file = forms.FileField(error_messages={"required": "Choose a file."})
    alt = forms.CharField(max_length=300, error_messages={"required": "Say what the picture shows."})
    credit = forms.CharField(max_length=160, error_messages={"required": "Say who made it, or whose it is."})
    keep_both = forms.BooleanField(required=False)


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # noqa: ANN401 - Django's
        """Clean each; an empty one is told of beside the others, not instead of them."""
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        if not files:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > MOST_FILES:
            raise ValidationError(f"These are {len(files)} files. Send at most {MOST_FILES} at once.")
        return [super(_FilesField, self).clean(each, initial) if each.size else each for each in files]


class BatchForm(WordsForm):
    """Pictures added many at once, with what they have in common; what each shows is said afterwards."""

    pictures = _FilesField(
        label="Pictures",
        help_text="JPEG, PNG, WebP or AVIF, up to 30 MB and 40 megapixels each.",
        error_messages={"required": "Choose at least one file."},
        widget=_ManyFiles(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"}),
    )
    keep_both = forms.BooleanField(
        label="Keep pictures that the library has already",
        required=False,
        help_text="Otherwise you are told of each, and shown the one that is there.",
    )

    field_order = ("pictures", *SHARED, "keep_both")

    class Meta(WordsForm.Meta):
        fields = SHARED


class Attempt:
    """What became of one file: a picture, or sentences that say why not, and perhaps the one that is there already."""

    def __init__(self, name: str, take: Callable[[], Photo]) -> None:
        self.name = name
        self.photo: Photo | None = None
        self.twin: Photo | None = None
        self.errors: list[str] = []
        try:
            self.photo = take()
        except TwinError as refusal:
            self.twin, self.errors = refusal.photo, refusal.messages
        except ValidationError as refusal:
            self.errors = refusal.messages


def keep(given: dict[str, Any], *, by: User | None = None) -> Photo:
    """Take a picture into the library.

    Raises:
        ValidationError: the file is not a picture we can use.
        TwinError: it is there already, and was not to be kept twice.
    """
    said = {name: given[name] for name in WORDS if name in given}
    return Photo.objects.keep(given["file"], **said, by=by, may_repeat=given.get("keep_both", False))
