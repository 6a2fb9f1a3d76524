"""A throw-away PostgreSQL: started in a temporary folder, gone without a trace afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

DEBIANS = "/usr/lib/postgresql/*/bin"
# Nothing here outlives the tests, so nothing has to reach the disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest of Debian's first, or None."""
    folders = sorted(Path("/").glob(DEBIANS.lstrip("/")), key=lambda folder: float(folder.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


@contextmanager
def a_cluster(programs: Path) -> Iterator[str]:
    """Start a cluster and give its `DATABASE_URL`; stop and remove it in any case."""
    folder = Path(tempfile.mkdtemp(prefix="kjreport-postgres-"))
    try:
        as_owner = _become_owner_of(folder)
        data, port = folder / "data", _free_port()
        _do(
            as_owner,
            programs / "initdb",
            f"--pgdata={data}",
            "--username=tests",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
        )
        settings = [f"listen_addresses=127.0.0.1 port={port} unix_socket_directories={folder}", *FAST]
        options = " ".join(f"-c {setting}" for line in settings for setting in line.split())
        log = folder / "log"
        try:
            _do(
                as_owner,
                programs / "pg_ctl",
                f"--pgdata={data}",
                f"--log={log}",
                "--wait",
                f"--options={options}",
                "start",
            )
            yield f"postgres://tests@127.0.0.1:{port}/postgres"
        finally:
            _do(as_owner, programs / "pg_ctl", f"--pgdata={data}", "--mode=immediate", "--wait", "stop", check=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _become_owner_of(folder: Path) -> list[str]:
    """Return the words that run a command as somebody PostgreSQL accepts: never root."""
    if os.geteuid() != 0:
        return []
    owner = next(name for name in ("postgres", "nobody") if _exists(name))
    shutil.chown(folder, owner)
    if shutil.which("setpriv"):
        account = pwd.getpwnam(owner)
        return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return ["runuser", "-u", owner, "--"]


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _do(as_owner: Sequence[str], *command: object, check: bool = True) -> None:
    """Run one of PostgreSQL's programs quietly, from a folder its owner may stand in.

    Raises:
        RuntimeError: it failed; the message holds what it said.
    """
    words = [*as_owner, *map(str, command)]
    with tempfile.TemporaryFile() as said:
        # A file, not a pipe: the server inherits it, and a pipe would stay open as long as the server runs.
        done = subprocess.run(words, cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False)
        if check and done.returncode:
            said.seek(0)
            message = f"{words[len(as_owner)]} failed: {said.read().decode(errors='replace')}"
            raise RuntimeError(message)
