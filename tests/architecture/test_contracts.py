"""The import contracts hold, and deliberate violations are caught."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import HOUSE, PACKAGES

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"

# Where a line is added, the line, the contract it breaks, and what the report must then say.
VIOLATIONS = [
    ("articles/prose.py", "import kjreport.payments.money", "What is written knows nothing", "kjreport.payments.money"),
    ("subscriptions/access.py", "import donations.models", "People come in at the roof", "donations.models"),
    ("kjreport/accounts/models.py", "import articles.prose", "People come in at the roof", "articles.prose"),
    ("kjreport/payments/money.py", "import kjreport.health", "People come in at the roof", "kjreport.health"),
    ("donations/models.py", "import stripe", "Only the gateway imports stripe", "donations.models -> stripe"),
    ("articles/utils.py", "", "Stairs of the paper", "- articles.utils"),
    ("kjreport/payments/helpers.py", "", "Stairs of payments", "- kjreport.payments.helpers"),
    ("subscriptions/services.py", "", "Stairs of subscriptions", "- subscriptions.services"),
    ("donations/common.py", "", "Stairs of donations", "- donations.common"),
    ("kjreport/accounts/core.py", "", "Stairs of accounts", "- kjreport.accounts.core"),
    ("kjreport/misc.py", "", "Stairs of the roof", "- kjreport.misc"),
    (
        "articles/models/taxonomy.py",
        "import articles.paywall",
        "Stairs of the paper",
        "articles.models.taxonomy -> articles.paywall",
    ),
    (
        "kjreport/standin/store.py",
        "import kjreport.payments.money",
        "The stand-in imports nothing",
        "kjreport.payments",
    ),
    ("kjreport/health.py", "import kjreport.standin.store", "Nothing of the house imports", "kjreport.standin.store"),
    ("articles/images.py", "import kjreport.settings", "Settings are read through", "kjreport.settings"),
    ("subscriptions/models.py", "import tests.cast", "The site never imports its tests", "tests.cast"),
    ("articles/authors/models.py", "import articles.authors.admin", "Neighbours never go round", "articles.authors"),
]


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the contracts over a copy of the house."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "", "NO_COLOR": "1", "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def report_of_violations(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Break every rule once in a copy of the house, and return what the linter says."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(HOUSE / "pyproject.toml", copy)
    for package in (*PACKAGES, "tests"):
        shutil.copytree(
            HOUSE / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "static", "*.html")
        )
    for path, line, _, _ in VIOLATIONS:
        with (copy / path).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_the_house_keeps_its_contracts() -> None:
    done = lint(HOUSE)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("path", "line", "contract", "words"), VIOLATIONS, ids=lambda value: str(value)[:40])
def test_a_deliberate_violation_is_caught(
    report_of_violations: str, path: str, line: str, contract: str, words: str
) -> None:
    summary, _, details = report_of_violations.partition("Broken contracts")
    assert re.search(rf"^{re.escape(contract)}.* BROKEN\b", summary, re.MULTILINE), f"{path}: {line}\n{summary}"
    assert words in details
