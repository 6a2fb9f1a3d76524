"""Lets the database itself refuse to change the log of what was done to articles, or on PostgreSQL to delete from it.

What it points at may still go: a person who leaves, a draft that is deleted. SQLite has no trigger against deletion,
for it empties a table by deleting its rows; there the model alone refuses. A later migration that alters the table
makes it anew on SQLite, without its trigger: it must call `make_trigger` again (a test tells).
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE, NAME = "articles_workflowevent", "the_log_is_only_added_to"
KEPT = ("id", "headline", "action", "before", "after", "at", "note")
LET_GO = ("article_id", "by_id", "edition_id")
MESSAGE = "The log of what was done to an article is only ever added to."


def _is_untouched(same: str) -> str:
    kept = [f'NEW."{name}" {same} OLD."{name}"' for name in KEPT]
    let_go = [f'(NEW."{name}" IS NULL OR NEW."{name}" {same} OLD."{name}")' for name in LET_GO]
    return " AND ".join([*kept, *let_go])


def make_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} WHEN NOT ({_is_untouched('IS')}) "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
        return
    schema_editor.execute(
        f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {_is_untouched('IS NOT DISTINCT FROM')} THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $body$"
    )
    schema_editor.execute(
        f"CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()"
    )


def drop_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}")
        return
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}")
    schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()")


class Migration(migrations.Migration):
    dependencies = [("articles", "0005_workflow")]

    operations = [migrations.RunPython(make_trigger, drop_trigger)]
