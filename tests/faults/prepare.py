"""Sets up the site that a test will kill: tables, catalogue, readers who are signed in; prints them as JSON."""

import json
import os
import sys

import django


def main(readers: int) -> None:
    """Do it in the database that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - there are no settings before
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from donations import giving  # noqa: PLC0415
    from kjreport.payments.models import Watermark  # noqa: PLC0415
    from subscriptions import catalogue  # noqa: PLC0415
    from subscriptions.models import Price  # noqa: PLC0415
    from tests.cast import a_colleague, an_account  # noqa: PLC0415

    def sign_in(user: object) -> str:
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if "django_migrations" not in connection.introspection.table_names():
        call_command("migrate", verbosity=0)
    with transaction.atomic():
        catalogue.ensure_plans()
        catalogue.publish_catalogue()
        giving.ensure_campaign()
        giving.publish_campaigns()
        # Else the sweeper would fetch at once, and hide, whatever the door lost.
        Watermark.objects.create(name="letters", read_until=timezone.now())
        people = [an_account(f"Reader {number}") for number in range(readers)]
        told = {
            "readers": [{"email": person.email, "session": sign_in(person)} for person in people],
            "bookkeeper": sign_in(a_colleague("Fiona Finance", "Finance")),
            "prices": list(Price.objects.on_offer().filter(interval="month").values_list("pk", flat=True)),
        }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
