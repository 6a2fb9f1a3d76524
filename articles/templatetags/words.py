"""Small cuts of plain text."""

from django import template
from django.template.defaultfilters import stringfilter

register = template.Library()


@register.filter
@stringfilter
def first_paragraph(text: str) -> str:
    """Return what stands before the first empty line."""
    return text.strip().replace("\r\n", "\n").partition("\n\n")[0]
