"""Gives pictures a source, a licence and a likeness, and counts the focal point in per cent.

Of the pictures that are there nobody has said by what right we show them, so their licence is "not stated": they stay
where they are, and the next publication asks. Their likeness is unknown; it is taken when a picture is uploaded.
"""

import django.core.validators
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F
from django.db.models.functions import Round


def count_in_per_cent(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Turn 0.25 into 25."""
    photos = apps.get_model("articles", "Photo").objects.using(schema_editor.connection.alias)
    photos.update(focal_x=Round(F("focal_x") * 100), focal_y=Round(F("focal_y") * 100))


def count_in_parts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Turn 25 into 0.25."""
    photos = apps.get_model("articles", "Photo").objects.using(schema_editor.connection.alias)
    photos.update(focal_x=F("focal_x") / 100.0, focal_y=F("focal_y") / 100.0)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0007_unsaved_work"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="photo",
            name="the_focal_point_is_in_the_picture",
        ),
        migrations.AddField(
            model_name="photo",
            name="colour",
            field=models.CharField(
                blank=True, editable=False, help_text="Its colour on the whole, as #rrggbb.", max_length=7
            ),
        ),
        migrations.AddField(
            model_name="photo",
            name="licence",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Not stated"),
                    ("own", "Our own work"),
                    ("commissioned", "Commissioned by us"),
                    ("agency", "Agency or stock licence"),
                    ("permission", "Permission in writing"),
                    ("handout", "Handed out to the press"),
                    ("cc-by", "Creative Commons BY"),
                    ("cc-by-sa", "Creative Commons BY-SA"),
                    ("public-domain", "Public domain, or CC0"),
                    ("quotation", "Fair dealing: shown to review or report it"),
                    ("other", "Other: say which in the terms"),
                ],
                help_text="By what right we show it. Without one it is not published.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="photo",
            name="licence_terms",
            field=models.CharField(
                blank=True,
                help_text="What the licence asks: how often, where, in what words. Or the contract's number.",
                max_length=300,
                verbose_name="terms",
            ),
        ),
        migrations.AddField(
            model_name="photo",
            name="licence_until",
            field=models.DateField(
                blank=True,
                help_text="The last day we may publish it. Empty: without end.",
                null=True,
                verbose_name="last day",
            ),
        ),
        migrations.AddField(
            model_name="photo",
            name="likeness",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Where it grows lighter and darker, to know it again.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="photo",
            name="source",
            field=models.CharField(
                blank=True,
                help_text="Where it came from: an agency and its number, or an address. Not shown.",
                max_length=300,
            ),
        ),
        migrations.AlterField(
            model_name="photo",
            name="alt",
            field=models.CharField(
                blank=True,
                help_text="For readers who cannot see it. One sentence, without “picture of”.",
                max_length=300,
                verbose_name="what it shows",
            ),
        ),
        migrations.AlterField(
            model_name="photo",
            name="credit",
            field=models.CharField(
                blank=True, help_text="Who made it, or whose it is. Readers see it beside the caption.", max_length=160
            ),
        ),
        migrations.RunPython(count_in_per_cent, count_in_parts),
        migrations.AlterField(
            model_name="photo",
            name="focal_x",
            field=models.PositiveSmallIntegerField(
                default=50,
                help_text="In per cent: what crops keep in view.",
                validators=[django.core.validators.MaxValueValidator(100)],
                verbose_name="from the left",
            ),
        ),
        migrations.AlterField(
            model_name="photo",
            name="focal_y",
            field=models.PositiveSmallIntegerField(
                default=50,
                help_text="In per cent.",
                validators=[django.core.validators.MaxValueValidator(100)],
                verbose_name="from the top",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("focal_x__range", (0, 100)), ("focal_y__range", (0, 100))),
                name="the_focal_point_is_in_the_picture",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "licence__in",
                        [
                            "",
                            "own",
                            "commissioned",
                            "agency",
                            "permission",
                            "handout",
                            "cc-by",
                            "cc-by-sa",
                            "public-domain",
                            "quotation",
                            "other",
                        ],
                    )
                ),
                name="a_licence_is_one_of_those_we_know",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("licence", "other"), _negated=True),
                    models.Q(("licence_terms", ""), _negated=True),
                    _connector="OR",
                ),
                name="another_licence_says_which",
                violation_error_message="Say in the terms which licence it is.",
            ),
        ),
    ]
