"""Only the few modules named here may touch the paid text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import HOUSE, modules, name_of, tree_of

# Each with its reason; whoever adds one explains it here.
MAY_TOUCH_THE_PAID_TEXT = {
    "articles/models/__init__.py": "gives the models their address",
    "articles/models/edition.py": "the table itself",
    "articles/publishing.py": "writes it, once for each edition",
    "articles/paywall.py": "hands it out to those who may read",
    "articles/search.py": "indexes it; what it shows passes the wall",
    "kjreport/leaks/paid_text.py": "must know it to hunt for it in what the site answers",
}
# Other things are called “body” too.
HARMLESS_OWNERS = {"request", "_request", "response", "answer", "message", "mail", "letter", "email"}
IN_A_QUERY = re.compile(r"^-?(\w+__)?body(__\w+)?$")
IN_A_TEMPLATE = re.compile(r"\{[{%][^}%]*\.body\b")


def touches(tree: ast.Module) -> Iterator[str]:
    """Give every place where a module names the paid text: the model, the attribute, the path in a query."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id="EditionBody") | ast.alias(name="EditionBody"):
                yield f"line {node.lineno}: EditionBody"
            case ast.Attribute(attr="EditionBody"):
                yield f"line {node.lineno}: EditionBody"
            case ast.Attribute(value=ast.Name(id=owner), attr="body") if owner in HARMLESS_OWNERS:
                pass
            case ast.Attribute(value=ast.Call(func=ast.Name(id="ask")), attr="body"):
                pass  # an answer to a request of the leak hunters
            case ast.Attribute(attr="body"):
                yield f"line {node.lineno}: .body"
            case ast.keyword(arg=str(name)) if "body__" in name or name.endswith("__body"):
                yield f"line {node.value.lineno}: {name}="
            case ast.Constant(value=str(text)) if IN_A_QUERY.match(text) and text != "-body":
                yield f"line {node.lineno}: {text!r}"
            case ast.Constant(value=str(text)) if text.lower() in {"editionbody", "articles.editionbody"}:
                yield f"line {node.lineno}: {text!r}"
            case _:
                pass


def test_nobody_else_touches_the_paid_text() -> None:
    breaches = {
        name_of(path): found
        for path in modules()
        if name_of(path) not in MAY_TOUCH_THE_PAID_TEXT and (found := list(touches(tree_of(path))))
    }
    assert breaches == {}


def test_every_exception_is_needed() -> None:
    unneeded = [
        name for name in MAY_TOUCH_THE_PAID_TEXT if (HOUSE / name).exists() and not list(touches(tree_of(HOUSE / name)))
    ]
    assert unneeded == []


def test_no_template_reads_the_paid_text_from_an_edition() -> None:
    templates = [*HOUSE.joinpath("templates").rglob("*.*"), *HOUSE.joinpath("articles").rglob("*.html")]
    assert templates
    assert [name_of(path) for path in templates if IN_A_TEMPLATE.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "leak",
    [
        "from articles.models import EditionBody",
        "from articles import models\nmodels.EditionBody.objects.all()",
        "text = edition.body.text",
        "Edition.objects.select_related('body')",
        "Article.objects.values('editions__body__text')",
        "Edition.objects.filter(body__text__contains=word)",
        "Article.objects.filter(editions__body__text__contains=word)",
        "apps.get_model('articles.EditionBody')",
    ],
)
def test_every_way_round_the_wall_is_seen(leak: str) -> None:
    assert list(touches(ast.parse(leak)))


def test_a_webhook_may_read_its_request() -> None:
    assert list(touches(ast.parse("payload = request.body"))) == []


def test_the_seal_names_files_of_the_house() -> None:
    assert all(Path(name).parts[0] in {"articles", "kjreport"} for name in MAY_TOUCH_THE_PAID_TEXT)
