"""Sets the newsroom's groups: adds Contributors, mends the others, and lets no group both publish and refund."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

WRITING = {
    "articles": [
        *("add_article", "change_article", "delete_article", "view_article", "submit_article", "preview_article"),
        *(f"{verb}_byline" for verb in ("add", "change", "delete", "view")),
        *("view_section", "view_topic", "view_correction", "view_edition"),
    ],
    "authors": ["view_author"],
    "related": [f"{verb}_relatedarticle" for verb in ("add", "change", "delete", "view")],
}
FOLLOWING = {"articles": ["follow_article"]}
GIVEN = {
    "Contributors": [WRITING],
    "Journalists": [WRITING, FOLLOWING],
    "Editors": [WRITING, FOLLOWING],
    "Publisher": [WRITING, FOLLOWING],
}
TEXT = ("articles", "authors", "related")
PUBLISH = Q(content_type__app_label="articles", codename="publish_article")
REFUND = Q(content_type__app_label="payments", codename="refund_payment")
NOT_THEIRS = {
    "Contributors": PUBLISH | REFUND | Q(content_type__app_label="articles", codename="follow_article"),
    "Journalists": PUBLISH | REFUND,
    "Finance": Q(content_type__app_label__in=TEXT),
}


def set_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    using = schema_editor.connection.alias
    for label in TEXT:
        config = apps.get_app_config(label)
        config.models_module = True  # permissions are made after migrating, and only for apps with models
        create_permissions(config, verbosity=0, using=using, apps=apps)
        config.models_module = None
    groups = apps.get_model("auth", "Group").objects.using(using)
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for name, given in GIVEN.items():
        group, _ = groups.get_or_create(name=name)
        for rights in given:
            for label, codenames in rights.items():
                group.permissions.add(*permissions.filter(content_type__app_label=label, codename__in=codenames))
    for name, taken in NOT_THEIRS.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.remove(*permissions.filter(taken))
    for group in groups.filter(permissions__in=permissions.filter(PUBLISH)).distinct():
        group.permissions.remove(*permissions.filter(REFUND))


class Migration(migrations.Migration):
    dependencies = [
        ("kjreport", "0002_finance_refunds"),
        ("articles", "0005_workflow"),
    ]

    operations = [migrations.RunPython(set_groups, migrations.RunPython.noop)]
