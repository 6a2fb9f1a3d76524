"""Watches a browser for what no page of ours may do."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

OURS = {"localhost", "127.0.0.1"}
# The browser's own event says which rule was broken, also where it prints nothing.
TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content Security Policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`))
"""


def watch(context: BrowserContext, faults: list[str]) -> None:
    """Write down every breach of the content policy, failing script and request to a third party."""
    context.add_init_script(TELL_OF_VIOLATIONS)
    context.on("page", lambda page: _watch_page(page, faults))


def _watch_page(page: Page, faults: list[str]) -> None:
    def read_console(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(f"{page.url}: {message.text}")

    def read_request(request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in {"http", "https", "ws", "wss"} and asked.hostname not in OURS:
            faults.append(f"{page.url} asked {asked.hostname}")

    page.on("console", read_console)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("request", read_request)
