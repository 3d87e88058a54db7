"""Tests of the tests of pages: a page with an incorrect statement must fail."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import blocks_of, tries_of
from tests.docs.pages import check_command, commands_of, run_page

PAGE = Path("docs/page.md")

# A plain ASGI application: its response has the parts of the request.
ECHO = """
import json

async def app(scope, receive, send):
    if scope["type"] != "http":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    body = (await receive())["body"].decode()
    headers = {key.decode(): value.decode() for key, value in scope["headers"]}
    seen = {"method": scope["method"], "path": scope["path"], "token": headers.get("x-token"), "body": body}
    status = 404 if scope["path"] == "/missing" else 200
    extra = [(b"x-number", b"42"), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": extra})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})
"""


def python(code: str, comment: str = "") -> str:
    return f"{comment}\n```python\n{code.strip()}\n```\n"


def seen(**changes: Any) -> str:
    return json.dumps({"method": "GET", "path": "/a", "token": None, "body": ""} | changes)


@pytest.mark.parametrize(
    "line",
    [
        f"GET /a -> 200 {seen()}",
        "GET /missing -> 404",
        f"GET /a (x-token: s3) -> 200 {seen(token='s3')}",
        'GET /a (x-token: a, b) -> 200 (x-number: 42) has {"token": "a, b"}',
        'POST /a with {"n": [1]} -> 200 has {"method": "POST"}',
        'POST /a form a=1&b=2 -> 200 has {"body": "a=1&b=2"}',
        f"GET /a -> 200 text {seen()}",
        'GET /a -> 200 has\n#    {"path": "/a"}',
    ],
)
def test_what_is_so_passes(line: str) -> None:
    run_page(PAGE, python(f"{ECHO}\n# try: {line}"))


@pytest.mark.parametrize(
    "line",
    [
        "GET /a -> 404",
        "GET /missing -> 200",
        f"GET /a -> 200 {seen(path='/b')}",
        'GET /a -> 200 has {"path": "/b"}',
        "GET /a -> 200 text else",
        "GET /a -> 200 (x-number: 43)",
        "GET /a -> 200 (x-other: 42)",
    ],
)
def test_what_is_not_so_fails_with_its_place(line: str) -> None:
    page = python(f"{ECHO}\n# try: {line}")
    number = page.splitlines().index(f"# try: {line}") + 1
    with pytest.raises(AssertionError, match=f"docs/page.md:{number}: GET /"):
        run_page(PAGE, page)


@pytest.mark.parametrize(
    "line",
    [
        "GET /a",
        "GET -> 200",
        "get /a -> 200",
        "GET /a -> 20",
        "GET /a -> 200 {1}",
        "GET /a hello -> 200",
        "GET /a with -> 200",
    ],
)
def test_a_malformed_try_line_is_reported_with_its_location(line: str) -> None:
    with pytest.raises(ValueError, match=r"^docs/page\.md:7: "):
        tries_of(PAGE, 7, f"# try: {line}")


def test_blocks_of_a_page_share_their_names_in_order() -> None:
    run_page(PAGE, python("a = 1") + python("b = a + 1") + python("assert b == 2"))
    with pytest.raises(NameError):
        run_page(PAGE, python("b = a + 1") + python("a = 1"))


def test_pages_do_not_share_their_names() -> None:
    run_page(PAGE, python("a = 1"))
    with pytest.raises(NameError):
        run_page(PAGE, python("a"))


def test_a_failing_block_is_shown_by_the_line_of_the_page() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run_page(PAGE, "# Title\n\ntext\n\n```python\na = 1\na / 0\n```\n")
    assert caught.traceback[-1].lineno + 1 == 7


def test_annotations_of_a_page_find_its_names() -> None:
    run_page(
        PAGE,
        python(
            "import typing\nfrom dataclasses import dataclass\n"
            "@dataclass\nclass A:\n    b: 'B'\nclass B: ...\n"
            "assert typing.get_type_hints(A) == {'b': B}"
        ),
    )


def test_tests_that_a_block_defines_are_run_once() -> None:
    run_page(PAGE, python("ran = []\ndef test_it():\n    ran.append(1)") + python("assert ran == [1]"))
    with pytest.raises(AssertionError):
        run_page(PAGE, python("def test_it():\n    assert False"))


def test_a_block_that_is_not_run_still_compiles() -> None:
    comment = "<!-- run: no, because it waits for ever -->"
    run_page(PAGE, python("1 / 0", comment))
    with pytest.raises(SyntaxError):
        run_page(PAGE, python("1 /", comment))
    with pytest.raises(ZeroDivisionError):
        run_page(PAGE, python("1 / 0", f"{comment}\n\nA paragraph between ends the comment's reach."))


def test_an_included_block_must_be_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 1 / 0\n")
    run_page(PAGE, python("y = 1 / 0", "<!-- from: a.py -->"), root=tmp_path)
    with pytest.raises(AssertionError, match=r"not the content of a\.py"):
        run_page(PAGE, python("y = 2", "<!-- from: a.py -->"), root=tmp_path)


def test_blocks_in_a_list_lose_its_indent() -> None:
    (block,) = blocks_of(PAGE, "1. first\n\n   ```python\n   if True:\n       a = 1\n   ```\n")
    assert block.text == "if True:\n    a = 1\n"
    assert block.line == 4


def test_an_unclosed_fence_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"docs/page\.md:2: the fence is never closed"):
        blocks_of(PAGE, "text\n```python\na = 1\n")


def test_a_json_block_must_be_json() -> None:
    run_page(PAGE, '```json\n{"a": 1}\n```\n')
    with pytest.raises(AssertionError, match=r"docs/page\.md:2: not JSON"):
        run_page(PAGE, "```json\n{a: 1}\n```\n")


def test_commands_are_read_without_prompts_comments_and_what_was_printed() -> None:
    assert commands_of("make demo  # serves\n\n# only words\ncurl -s \\\n  x") == [
        ["make", "demo"],
        ["curl", "-s", "x"],
    ]
    assert commands_of("curl -d 'a\nb' x\nmake test") == [["curl", "-d", "a\nb", "x"], ["make", "test"]]
    with pytest.raises(AssertionError, match="never closed"):
        commands_of("curl 'x\nmake test")
    assert commands_of("$ make test\n12 passed\n") == [["make", "test"]]


@pytest.mark.parametrize(
    "command",
    [
        "make demo PORT=80",
        "PORT=1 make -s test check",
        ".venv/bin/pip install x",
        "python -m pytest -q",
        "curl x",
    ],
)
def test_a_command_that_the_project_has_passes(command: str) -> None:
    check_command(command.split(), "here")


@pytest.mark.parametrize(
    "command", ["make coffee", "rm -rf /", "python -m no_such_module", "signette", "signette brew"]
)
def test_an_unknown_command_is_rejected(command: str) -> None:
    with pytest.raises(AssertionError, match="here: "):
        check_command(command.split(), "here")
