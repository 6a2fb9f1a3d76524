"""The launcher says in a sentence what is in its way, and ends what it started."""

import os
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from kjreport import launch

HOUSE = Path(__file__).resolve().parents[2]
A_PARENT_AND_ITS_CHILD = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print(child.pid, flush=True); time.sleep(60)"
)


@pytest.fixture
def a_taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_taken_port_gets_one_clear_sentence(a_taken_port: int) -> None:
    command = [sys.executable, "kjreport/launch.py", f"--port={a_taken_port}"]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.strip().startswith(f"Port {a_taken_port} is taken")
    assert done.stdout.strip().endswith(f"`make run PORT={a_taken_port + 1}`.")


@pytest.mark.parametrize("program", [["kjreport/launch.py"], ["-m", "kjreport.standin"]])
def test_variables_that_make_hands_on_empty_mean_the_usual_ports(program: list[str]) -> None:
    environment = {**os.environ, "PORT": "", "STANDIN_PORT": "", "STANDIN_STATE": "", "STANDIN_SECRET": ""}
    command = [sys.executable, *program, "--help"]
    done = subprocess.run(command, cwd=HOUSE, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_a_program_started_ends_with_it() -> None:
    program = launch.Program("parent", [sys.executable, "-c", A_PARENT_AND_ITS_CHILD], os.environ)
    program.start(heard=lambda _line: None)
    deadline = time.monotonic() + 20
    while not program.said and time.monotonic() < deadline:
        time.sleep(0.05)
    child = int(program.said[0])
    program.ask_to_end()
    program.make_end(time.monotonic() + 5)
    assert program.process.returncode == -signal.SIGTERM
    assert _ends_soon(child)


def test_a_program_that_does_not_listen_is_killed() -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    program = launch.Program("deaf", [sys.executable, "-c", deaf], os.environ)
    program.start(heard=lambda _line: None)
    while not program.said and not program.has_ended:
        time.sleep(0.05)
    program.ask_to_end()
    program.make_end(time.monotonic() + 0.3)
    assert program.process.returncode == -signal.SIGKILL


def test_what_has_fallen_is_started_again_with_all_it_left_behind(capfd: pytest.CaptureFixture[str]) -> None:
    program = launch.Program("worker", [sys.executable, "-c", A_PARENT_AND_ITS_CHILD], os.environ)
    program.start(heard=lambda _line: None)
    try:
        child = int(_first_words(program))
        first = program.process.pid
        os.kill(first, signal.SIGKILL)
        program.process.wait()
        program.said.clear()
        launch.start_the_fallen([program])
        assert _ends_soon(child)
        assert program.process.pid != first
        assert int(_first_words(program)) != child
        launch.start_the_fallen([program])
        assert len(program.falls) == 1
        assert capfd.readouterr().out == "The worker has ended (code -9) and is started again.\n"
    finally:
        program.make_end(time.monotonic())


def test_what_falls_again_and_again_is_given_up_with_its_reason() -> None:
    program = launch.Program("worker", [sys.executable, "-c", "raise SystemExit(3)"], os.environ)
    program.start(heard=lambda _line: None)
    with pytest.raises(launch.CannotStartError, match=r"worker has ended \(code 3\), so everything was stopped"):
        _let_it_fall(program)
    assert len(program.falls) == launch.MOST_FALLS + 1


def _let_it_fall(program: launch.Program) -> None:
    for _ in range(launch.MOST_FALLS + 2):
        program.process.wait(20)
        launch.start_the_fallen([program])


def _first_words(program: launch.Program) -> str:
    deadline = time.monotonic() + 20
    while not program.said and time.monotonic() < deadline:
        time.sleep(0.05)
    return program.said[0]


def test_your_own_stripe_account_is_left_alone(tmp_path: Path) -> None:
    asked = Namespace(port=8000, standin_port=12111)
    own = {"STRIPE_SECRET_KEY": "sk_test_mine", "VAR_DIR": str(tmp_path)}
    assert "STRIPE_API_BASE" not in launch.make_environment(own, asked, with_standin=False).keys() - os.environ.keys()


def test_stand_in_and_site_share_a_secret_that_stays(tmp_path: Path) -> None:
    asked = Namespace(port=8000, standin_port=12111)
    first = launch.make_environment({"VAR_DIR": str(tmp_path)}, asked, with_standin=True)
    second = launch.make_environment({"VAR_DIR": str(tmp_path)}, asked, with_standin=True)
    assert first["STRIPE_WEBHOOK_SECRETS"].startswith("whsec_")
    assert first["STRIPE_WEBHOOK_SECRETS"] == second["STRIPE_WEBHOOK_SECRETS"]
    assert first["STRIPE_WEBHOOK_SECRETS"] != "whsec_"


@pytest.mark.parametrize(
    ("path", "python", "sentence"),
    [
        ("/usr/bin:/bin", "/nowhere/python", "is not a Python 3.12 or newer"),
        ("nowhere", "", "needs Python 3.13"),
    ],
)
def test_a_missing_python_gets_one_clear_sentence(tmp_path: Path, path: str, python: str, sentence: str) -> None:
    environment = {"PATH": path, "PYTHON": python, "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path)}
    command = ["/bin/sh", "requirements/install.sh", "--find"]
    done = subprocess.run(command, cwd=HOUSE, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def _ends_soon(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
