"""The clients use httpx2, or httpx without it."""

import subprocess
import sys

HIDE = "import sys, httpx2; real = httpx2; sys.modules['httpx2'] = None; "


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_httpx2_is_preferred() -> None:
    from signette.testclient._httpx import httpx

    assert httpx.__name__ == "httpx2"


def test_httpx_serves_where_httpx2_is_missing() -> None:
    done = run(
        HIDE + "sys.modules['httpx'] = real; from signette.testclient import TestClient; "
        "print(TestClient.__mro__[1] is real.Client)"
    )
    assert done.stdout == "True\n", done.stderr


def test_with_neither_the_error_names_the_extra() -> None:
    done = run(HIDE + "sys.modules['httpx'] = None; import signette.testclient")
    assert "ImportError: `signette.testclient` requires httpx2" in done.stderr
    assert "pip install 'signette[testclient]'" in done.stderr
