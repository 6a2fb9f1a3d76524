"""Makes the newsroom's groups and gives them their rights to what is written."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

EVERYTHING = ("add", "change", "delete", "view")

WRITING = {
    "articles": [
        *("add_article", "change_article", "delete_article", "view_article", "submit_article", "preview_article"),
        *(f"{verb}_byline" for verb in EVERYTHING),
        *("view_section", "view_topic", "view_correction", "view_edition"),
        *("add_photo", "view_photo"),
    ],
    "authors": ["view_author"],
    "related": [f"{verb}_relatedarticle" for verb in EVERYTHING],
}
EDITING = {
    "articles": [
        *("publish_article", "read_analyses"),
        *(f"{verb}_{model}" for model in ("section", "topic", "photo", "lead") for verb in EVERYTHING),
    ],
    "authors": [f"{verb}_author" for verb in EVERYTHING],
}
# What Publisher and Finance may see of money is given where those tables are known: kjreport/migrations.
GROUPS = {"Journalists": [WRITING], "Editors": [WRITING, EDITING], "Publisher": [WRITING, EDITING], "Finance": []}


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make them, with what exists of their rights."""
    using = schema_editor.connection.alias
    for label in ("articles", "authors", "related"):
        config = apps.get_app_config(label)
        config.models_module = True  # permissions are made after migrating, and only for apps with models
        create_permissions(config, verbosity=0, using=using, apps=apps)
        config.models_module = None
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    for name, rights in GROUPS.items():
        group, _ = group_model.objects.using(using).get_or_create(name=name)
        for given in rights:
            for label, codenames in given.items():
                group.permissions.add(
                    *permission_model.objects.using(using).filter(
                        content_type__app_label=label, codename__in=codenames
                    )
                )


def remove_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take them away again."""
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0003_search_indexes"),
        ("authors", "0001_initial"),
        ("related", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, remove_groups)]
