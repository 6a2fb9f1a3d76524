"""Lets Publisher and Finance see what is paid and given. On the roof, because no wing knows another."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

WINGS = ("payments", "subscriptions", "donations")
PUBLISHER_ALSO = {
    "donations": ["add_campaign", "change_campaign"],
    "subscriptions": ["add_grant", "change_grant", "change_plan"],
}


def give_rights(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    using = schema_editor.connection.alias
    for label in WINGS:
        config = apps.get_app_config(label)
        config.models_module = True  # permissions are made after migrating, and only for apps with models
        create_permissions(config, verbosity=0, using=using, apps=apps)
        config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    sees = Q(content_type__app_label__in=WINGS, codename__startswith="view_")
    sees |= Q(content_type__app_label="payments", codename="process_stripeevent")
    manages = sees
    for label, codenames in PUBLISHER_ALSO.items():
        manages |= Q(content_type__app_label=label, codename__in=codenames)
    groups = apps.get_model("auth", "Group").objects.using(using)
    groups.get(name="Finance").permissions.add(*permissions.filter(sees))
    groups.get(name="Publisher").permissions.add(*permissions.filter(manages))


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0004_groups"),
        ("payments", "0001_initial"),
        ("subscriptions", "0001_initial"),
        ("donations", "0001_initial"),
    ]

    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
