"""Every template compiles: a typing mistake shows here, not to a reader."""

from pathlib import Path

import pytest
from django.template import engines
from django.template.backends.django import DjangoTemplates

from tests.architecture.house import HOUSE

TEMPLATES = sorted(
    path.relative_to(HOUSE / "templates").as_posix() for path in (HOUSE / "templates").rglob("*.*") if path.is_file()
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name: str) -> None:
    engine = engines["django"]
    assert isinstance(engine, DjangoTemplates)
    template = engine.get_template(name)
    assert Path(str(template.origin)).is_relative_to(HOUSE)
