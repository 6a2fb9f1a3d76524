"""Run the stand-in as a process of its own: `python -m kjreport.standin --port 12111 --state FILE`."""

import argparse
import os
import signal
import sys
import threading

from kjreport.standin.server import LOOPBACK, StandIn


def main() -> int:
    """Serve until asked to stop; a taken port or an unreadable state gets one clear sentence."""
    given = _arguments()
    try:
        standin = StandIn(state=given.state, webhook_url=given.webhook, secret=given.secret, port=given.port)
    except OSError as error:
        sys.stderr.write(f"The stand-in cannot listen on {LOOPBACK}:{given.port}: {error.strerror}.\n")
        return 1
    except Exception as error:  # noqa: BLE001  whatever is wrong with the file, the person wants one sentence
        sys.stderr.write(f"The stand-in cannot open its state {given.state}: {error}.\n")
        return 1
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    standin.start()
    sys.stdout.write(f"The practice till is open at {standin.url}/_standin/ and no money moves.\n")
    sys.stdout.flush()
    stop.wait()
    standin.stop()
    return 0


def _arguments() -> argparse.Namespace:
    environment = os.environ
    parser = argparse.ArgumentParser(prog="python -m kjreport.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=int(environment.get("STANDIN_PORT") or 12111))
    parser.add_argument("--state", default=environment.get("STANDIN_STATE") or "standin.sqlite3", help="or :memory:")
    parser.add_argument("--webhook", default=environment.get("STANDIN_WEBHOOK", ""), help="where letters go")
    parser.add_argument("--secret", default=environment.get("STANDIN_SECRET") or "whsec_standin", help="signs them")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
