"""The rules under which the tests themselves run are kept."""

import socket
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tests.conftest import NetworkReachedError

HOUSE = Path(__file__).resolve().parents[2]
A_SKIPPED_STORY = (
    'import pytest\n\ndef test_passes():\n    pass\n\ndef test_skips():\n    pytest.skip("for a reason")\n'
)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "api.stripe.com"])
def test_tests_cannot_leave_this_machine(address: str) -> None:
    with pytest.raises(NetworkReachedError, match="this machine only"):
        socket.create_connection((address, 443), timeout=1)


def test_tests_cannot_ask_for_names_of_other_machines() -> None:
    with pytest.raises(NetworkReachedError):
        socket.getaddrinfo("api.stripe.com", 443)


def test_tests_may_talk_to_this_machine() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()[:2], timeout=1),
    ):
        pass


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning, match="heed"):
        warnings.warn("heed me", UserWarning, stacklevel=1)


@pytest.mark.parametrize(("nothing_skipped", "code"), [("0", 0), ("1", 1)])
def test_a_skip_is_a_failure_where_nothing_may_skip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_skipped: str, code: int
) -> None:
    story = tmp_path / "test_story.py"
    story.write_text(A_SKIPPED_STORY, encoding="utf-8")
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_sessionfinish\n", encoding="utf-8")
    monkeypatch.setenv("KJ_NOTHING_SKIPPED", nothing_skipped)
    monkeypatch.delenv("VAR_DIR")
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(HOUSE), "-c", "pyproject.toml", str(story)]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
