"""Makes the two search indexes, each in its engine's own way; `manage.py rebuild_search` fills them."""

from django.db import migrations

TABLES = ("articles_search_public", "articles_search_whole")
MAKING = {
    "sqlite": (
        "CREATE VIRTUAL TABLE {table} USING fts5"
        "(headline, about, text, tokenize = 'porter unicode61 remove_diacritics 2')",
    ),
    "postgresql": (
        "CREATE TABLE {table} (edition_id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX {table}_words ON {table} USING gin (words)",
    ),
}


def make(apps, schema_editor):
    for table in TABLES:
        for statement in MAKING[schema_editor.connection.vendor]:
            schema_editor.execute(statement.format(table=table))


def unmake(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = [("articles", "0002_initial")]

    operations = [migrations.RunPython(make, unmake)]
