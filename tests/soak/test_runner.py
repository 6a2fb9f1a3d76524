"""`make soak` says how it went: in numbers, in its exit code, and with the words that repeat what went wrong."""

import pytest

from tests.soak import __main__ as runner
from tests.soak.__main__ import STRAIGHT, Round, conclude, read_arguments


def a_round(*, lived: int, **fields: object) -> Round:
    made = Round(STRAIGHT, 10, is_wired=False, environment={}, first=5)
    made.done = {0: lived}
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def test_without_a_word_it_is_the_whole_soak() -> None:
    asked = read_arguments([])
    assert (asked.histories, asked.http_sqlite, asked.http_postgres) == (100_000, 5_000, 5_000)


def test_all_lived_and_none_wrong_is_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert conclude([a_round(lived=10)]) == 0
    assert "passed   10 histories in process, seeds 5 to 14" in capsys.readouterr().out


def test_a_history_gone_wrong_is_told_with_the_words_that_repeat_it(capsys: pytest.CaptureFixture[str]) -> None:
    finding = {"seed": 7, "history": "History(steps=())", "error": "Broken: ledger"}
    assert conclude([a_round(lived=10, findings=[finding])]) == 1
    said = capsys.readouterr().out
    assert "Broken: ledger" in said
    assert "History(steps=())" in said
    assert 'make soak ARGS="--histories 1 --http-sqlite 0 --http-postgres 0 --seed 7"' in said


def test_a_process_that_fell_or_histories_not_lived_fail_the_soak() -> None:
    assert conclude([a_round(lived=9)]) == 1
    assert conclude([a_round(lived=10, fell=["shard 0 ended with -9"])]) == 1


def test_without_postgresql_it_says_so_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "find_programs", lambda: None)
    assert runner.main(["--histories", "0", "--http-sqlite", "0", "--http-postgres", "1"]) == 1
    assert "PostgreSQL" in capsys.readouterr().out
