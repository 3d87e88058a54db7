"""Check the documentation site in build/site: `make docs`.

MkDocs has checked links and anchors between pages when it built the site. Here: that no page loads anything from
another host, and that pages open in a browser, in light and dark, wide and narrow, without errors. Pictures of them
are in build/pictures, for people.
"""

import functools
import http.server
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
SITE = ROOT / "build" / "site"
PICTURES = ROOT / "build" / "pictures"
OPENED = (
    "",
    "tutorial/first-steps/",
    "how-to/from-fastapi/",
    "api/app/",
    "explanation/plan/",
    "reference/dependencies/",
)
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}
# What a browser loads on its own; links that people follow may lead elsewhere.
LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(https?:|//)[^"' >]+"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|icon|preload|preconnect))[^>]*\bhref=["']?(https?:|//)[^"' >]+""",
    re.IGNORECASE,
)


def main() -> int:
    pages = sorted(SITE.rglob("*.html"))
    assert pages, "the site is not there: run `make docs`"
    foreign = [f"{page.relative_to(SITE)}: {found[0]}" for page in pages for found in LOADED.finditer(page.read_text())]
    failures = [f"loads from another host: {found}" for found in foreign]
    if chromium.FOUND:
        failures += in_a_browser()
    else:
        sys.stdout.write("docs: no Chromium here, so that no page was opened (on Debian: apt-get install chromium)\n")
    for failure in failures:
        sys.stderr.write(f"{failure}\n")
    sys.stdout.write(f"docs: {len(pages)} pages, {len(failures)} failures\n")
    return 1 if failures else 0


def in_a_browser() -> list[str]:
    """What goes wrong when pages are opened, in both themes and sizes."""
    failures = []
    PICTURES.mkdir(exist_ok=True)
    with served() as address:
        for theme in ("light", "dark"):
            # A site remembers the theme of the last visit, so each theme has a browser that was never here.
            with chromium.running() as browser:
                browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
                for size, (width, height) in SIZES.items():
                    browser.call(
                        "Emulation.setDeviceMetricsOverride",
                        width=width, height=height, deviceScaleFactor=1, mobile=False,
                    )  # fmt: skip
                    for page in OPENED:
                        failures += opened(browser, address, page, f"{theme}-{size}")
    return failures


def opened(browser: chromium.Chromium, address: str, page: str, name: str) -> list[str]:
    """Open a page, take its picture, and return what the browser complains of."""
    browser.complaints.clear()
    browser.requests.clear()
    browser.open(address + page)
    title = browser.run("document.title")
    browser.picture(PICTURES / f"{page.strip('/').replace('/', '-') or 'index'}-{name}.png")
    overflow = browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    elsewhere = [url for url in browser.requests if not url.startswith((address, "about:", "data:", "blob:"))]
    failures = [f"{page} ({name}): {complaint}" for complaint in browser.complaints]
    failures += [f"{page} ({name}): loads {url}" for url in elsewhere]
    scheme = browser.run("document.body.dataset.mdColorScheme")
    if (scheme == "slate") != name.startswith("dark"):
        failures.append(f"{page} ({name}): its colors are {scheme!r}")
    if "signette" not in title:
        failures.append(f"{page} ({name}): its title is {title!r}")
    if overflow > 0:
        failures.append(f"{page} ({name}): is {overflow} pixels wider than the window")
    return failures


@contextmanager
def served() -> Iterator[str]:
    """The address of the site, served by a thread."""
    handler = functools.partial(QuietHandler, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


if __name__ == "__main__":
    sys.exit(main())
