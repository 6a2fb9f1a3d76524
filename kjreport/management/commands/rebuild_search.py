"""Writes the search indexes anew."""

from typing import Any

from django.core.management.base import BaseCommand

from articles import search


class Command(BaseCommand):
    """`manage.py rebuild_search`: after an import, or when an author's or topic's name changed."""

    help = "Write the search indexes anew, for instance after the name of an author or topic changed."

    def handle(self, *_args: Any, **_options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Rebuild, and say how much was found."""
        count = search.rebuild()
        self.stdout.write(f"{count} editions can be searched once they are live.")
