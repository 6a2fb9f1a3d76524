"""Lets Finance give payments back. Not Publisher, nor Editors: nobody both publishes and refunds, but for the owner."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give_right(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    using = schema_editor.connection.alias
    config = apps.get_app_config("payments")
    config.models_module = True  # permissions are made after migrating, and only for apps with models
    create_permissions(config, verbosity=0, using=using, apps=apps)
    config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.using(using).filter(content_type__app_label="payments")
    groups = apps.get_model("auth", "Group").objects.using(using)
    groups.get(name="Finance").permissions.add(*permissions.filter(codename__in=["refund_payment", "view_refundorder"]))
    groups.get(name="Publisher").permissions.add(*permissions.filter(codename="view_refundorder"))


class Migration(migrations.Migration):
    dependencies = [
        ("kjreport", "0001_rights_to_money"),
        ("payments", "0002_refund_orders"),
    ]

    operations = [migrations.RunPython(give_right, migrations.RunPython.noop)]
