"""The manners of the house that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.house import HOUSE, modules, name_of, tree_of

BASEMENTS = {"utils", "util", "common", "core", "helpers", "helper", "services", "misc", "tools", "lib", "base"}
LETTERS = {"email", "emails", "letters"}  # mail has no style sheets to link to
SIGNALS = re.compile(r"signals?$")
TEXTS = {".py", ".html", ".css", ".js", ".md", ".txt", ".toml", ".sh", ".json", ".xml", ".yml", ".example", ""}
# What must never be in a file: a key that opens something, a path of one machine, a package registry's host.
UNWELCOME = {
    "a live key": re.compile(r"\b[sr]k_live_[A-Za-z0-9]{8,}|\bwhsec_[A-Za-z0-9+/]{24,}"),
    "a private key": re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----"),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:root|work|home/\w+|Users/\w+)/[\w.]"),
    "a registry's host": re.compile(
        "|".join(("py" + "pi\\.org", "python" + "hosted\\.org", "npm" + "js\\.(?:org|com)", "deb\\." + "debian\\.org"))
    ),
}


@pytest.mark.parametrize("path", list(modules(with_shed=True)), ids=name_of)
def test_a_module_opens_with_one_line_saying_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if not text.strip() and path.name == "__init__.py":
        return
    docstring = ast.get_docstring(tree_of(path)) or ""
    first = docstring.partition("\n")[0]
    assert text.startswith('"""')
    assert first.endswith((".", "?", ":")), f"{name_of(path)}: {first!r}"


def test_a_module_is_named_for_its_subject_or_its_verb() -> None:
    strays = [name_of(path) for path in modules(with_shed=True) if {path.stem, *path.parent.parts[-1:]} & BASEMENTS]
    assert strays == []


def test_there_are_no_signals() -> None:
    imports = [
        (name_of(path), module)
        for path in modules(with_migrations=True)
        for node in ast.walk(tree_of(path))
        for module in _imported(node)
        if any(SIGNALS.search(part) for part in module.split(".")) or module.startswith("django.dispatch")
    ]
    assert [found for found in imports if found[1] != "signal"] == []


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), names=names):
            return [module, *(f"{module}.{alias.name}" for alias in names)]
    return []


def test_only_prose_calls_text_safe() -> None:
    callers = {
        name_of(path)
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.alias) and node.name in {"mark_safe", "SafeString"} and node.name == "mark_safe"
    }
    assert callers <= {"articles/prose.py"}


def test_templates_carry_nothing_inline() -> None:
    """The CSP would refuse it: the page would be bare, or silent."""
    inline = re.compile(
        r"<style\b|\sstyle=|\son[a-z]+=[\"']|<script(?![^>]*(?:\ssrc=|application/(?:ld\+)?json))", re.IGNORECASE
    )
    pages = [path for path in (HOUSE / "templates").rglob("*.html") if path.parent.name not in LETTERS]
    assert pages
    found = {
        name_of(path): match.group()
        for path in pages
        if (
            match := inline.search(
                re.sub(r"\{% comment.*?endcomment %\}|\{[#%].*?[#%]\}", "", path.read_text(), flags=re.DOTALL)
            )
        )
    }
    assert found == {}


def test_pages_ask_nothing_of_third_parties() -> None:
    asking = re.compile(
        r"<(?:script|link|img|iframe|source|video|audio)\b[^>]*\b(?:src|href|srcset)=[\"']?(?:https?:)?//"
    )
    allowed = re.compile(r"rel=[\"']?(?:canonical|alternate|license)")
    found = [
        (name_of(path), match.group())
        for path in (HOUSE / "templates").rglob("*.html")
        for match in asking.finditer(path.read_text())
        if not allowed.search(match.group())
    ]
    assert found == []


@pytest.mark.parametrize("what", UNWELCOME)
def test_no_file_holds(what: str) -> None:
    found = [
        name_of(path) for path in _texts() if UNWELCOME[what].search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_what_must_not_be_in_a_file_is_recognised() -> None:
    assert UNWELCOME["a live key"].search("STRIPE_SECRET_KEY=" + "sk_" + "live_abcdefgh1234")
    assert UNWELCOME["a path of one machine"].search("see /" + "root/.pyenv")
    assert UNWELCOME["a registry's host"].search("https://" + "py" + "pi.org/simple")


def _texts() -> list[Path]:
    """Return the texts of the house: what git keeps, or without git everything but what is made."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        paths = [HOUSE / name for name in listed.stdout.split("\0") if name]
    else:
        made = {".venv", "node_modules", "var", "__pycache__", ".mypy_cache", ".ruff_cache"}
        paths = [path for path in HOUSE.rglob("*") if not made & set(path.relative_to(HOUSE).parts)]
    return [path for path in paths if path.is_file() and path.suffix in TEXTS]
