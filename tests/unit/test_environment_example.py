"""The settings and .env.example name the same variables."""

import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]


def test_every_variable_is_described_and_every_description_is_read() -> None:
    read = re.findall(r'env\.\w+\("([A-Z_]+)"', (HOUSE / "kjreport/settings.py").read_text())
    described = re.findall(r"^([A-Z_]+)=", (HOUSE / ".env.example").read_text(), re.MULTILINE)
    assert sorted(described) == sorted(set(read))


def test_every_variable_has_a_sentence_of_its_own() -> None:
    lines = (HOUSE / ".env.example").read_text().splitlines()
    above = {
        line.partition("=")[0]: lines[place - 1] for place, line in enumerate(lines) if re.match(r"[A-Z_]+=", line)
    }
    silent = [name for name, comment in above.items() if not re.match(r"# \S.* .*\S$", comment) or "---" in comment]
    assert silent == []
