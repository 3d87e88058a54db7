"""A Chromium without a window, driven by the DevTools protocol over its WebSocket."""

import base64
import json
import re
import shutil
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.timeouts import SECONDS

FOUND = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
)  # fmt: skip


@contextmanager
def running() -> Iterator["Chromium"]:
    """A fresh browser with one empty page, which ends with the block."""
    assert FOUND is not None
    # The browser may still write into its folder while it ends.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [FOUND, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
            try:
                assert process.stderr is not None
                address = _page_address(process.stderr)
                # What it goes on to write must not fill the pipe.
                threading.Thread(target=process.stderr.read, daemon=True).start()
                with connect(address, max_size=None, open_timeout=SECONDS) as socket:
                    yield Chromium(socket)
            finally:
                process.terminate()


def _page_address(stderr: Iterable[str]) -> str:
    for line in stderr:
        if found := re.search(r"DevTools listening on ws://([^/]+)/", line):
            with urllib.request.urlopen(f"http://{found[1]}/json/list", timeout=SECONDS) as response:
                targets = json.load(response)
            return str(next(each["webSocketDebuggerUrl"] for each in targets if each["type"] == "page"))
    raise AssertionError("Chromium ended before it listened")


class Chromium:
    """One page of a browser. `requests` and `complaints` hold what it asked for, and what it complained of."""

    def __init__(self, socket: ClientConnection) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._calls = 0
        self._socket = socket
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What a command of the protocol gives back."""
        self._calls += 1
        self._socket.send(json.dumps({"id": self._calls, "method": method, "params": parameters}))
        while True:
            message = self._next()
            if message.get("id") == self._calls:
                assert "error" not in message, f"{method}: {message['error']}"
                result: dict[str, Any] = message["result"]
                return result

    def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._socket.recv(timeout=SECONDS))
        result = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(result["request"]["url"])
        elif message.get("method") == "Log.entryAdded" and result["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(f"{result['entry']['text']} {result['entry'].get('url', '')}")
        elif message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(result["exceptionDetails"].get("exception", result["exceptionDetails"])))
        elif message.get("method") == "Runtime.consoleAPICalled" and result["type"] in {"error", "warning"}:
            self.complaints.append(json.dumps(result["args"]))
        return message

    def open(self, url: str) -> None:
        """Load a page again, also where only the part behind the `#` differs."""
        for address in ("about:blank", url):
            self.call("Page.navigate", url=address)
            while self._next().get("method") != "Page.loadEventFired":
                pass

    def run(self, script: str) -> Any:
        """The value of an expression; a promise is waited for."""
        result = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in result:
            raise AssertionError(f"{script}: {result['exceptionDetails']['exception'].get('description')}")
        return result["result"].get("value")

    def until(self, condition: str) -> Any:
        """Wait until an expression is true in the page. Raises AssertionError where it does not become so."""
        return self.run(
            f"""new Promise((done, fail) => {{
                const end = Date.now() + {SECONDS * 500};
                const look = () => {{
                    let value;
                    try {{ value = {condition}; }} catch (error) {{ value = false; }}
                    if (value) done(value);
                    else if (Date.now() > end) fail(new Error("it did not become so: " + document.body.innerText));
                    else setTimeout(look, 10);
                }};
                look();
            }})"""
        )

    def press(self, key: str) -> None:
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, code=key,
                  windowsVirtualKeyCode={"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0))  # fmt: skip
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def choose_files(self, selector: str, *files: Path) -> None:
        found = self.call("Runtime.evaluate", expression=f"document.querySelector({selector!r})")["result"]
        self.call("DOM.setFileInputFiles", objectId=found["objectId"], files=[str(file) for file in files])

    def picture(self, file: Path) -> None:
        """Write what the page looks like, as PNG: for people."""
        whole = self.call("Page.captureScreenshot", captureBeyondViewport=False)
        file.write_bytes(base64.b64decode(whole["data"]))
