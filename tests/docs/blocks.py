"""Reads the pages of the docs: their fenced blocks, and the `# try:` lines at the end of Python code.

    # try: METHOD TARGET [(NAME: VALUE) ...] [with JSON | form PAIRS] -> STATUS [(NAME: VALUE) ...] [EXPECTED]

A value in round brackets is a header: sent before the arrow, expected behind it. `with` sends JSON, `form` an
urlencoded body. EXPECTED is a whole JSON value, `has {...}` for some members of an object, or `text ...` for
the whole text; without it only the status counts. A line that starts with `#   ` (three spaces) goes on with
the one before it.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>```+)(?P<language>[\w+-]*)[^\n`]*$")
NOT_RUN = re.compile(r"<!-- run: no, because (?P<reason>\S.*) -->")
FROM = re.compile(r"<!-- from: (?P<path>\S+) -->")
HEADER = re.compile(r"\((?P<name>[\w-]+): (?P<value>[^()]*)\)\s*")
REQUEST = re.compile(r"(?P<method>[A-Z]+) (?P<target>\S+)\s*(?P<rest>.*)", re.DOTALL)
STATUS = re.compile(r"(?P<status>[1-5]\d\d)\b\s*(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block. `line` is its first line of code, from 1; `comments` stand right above the fence."""

    page: Path
    line: int
    language: str
    text: str
    comments: str = ""

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def runs(self) -> bool:
        return NOT_RUN.search(self.comments) is None and self.included_from is None

    @property
    def included_from(self) -> str | None:
        found = FROM.search(self.comments)
        return found["path"] if found else None


@dataclass(frozen=True)
class Try:
    """One `# try:` line: a request, and its expected response."""

    place: str
    method: str
    target: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    expected_headers: dict[str, str] = field(default_factory=dict)
    expected: tuple[str, Any] = ("any", None)

    def check(self, client: Any) -> None:
        """Send it, and compare. Raises AssertionError with the place and both sides."""
        response = client.request(self.method, self.target, headers=self.headers, follow_redirects=False, **self.body)
        requested = f"{self.place}: {self.method} {self.target}"
        assert response.status_code == self.status, f"{requested} -> {response.status_code} {response.text[:500]}"
        for name, value in self.expected_headers.items():
            assert response.headers.get(name) == value, f"{requested}: {name} is {response.headers.get(name)!r}"
        kind, expected = self.expected
        if kind == "text":
            assert response.text == expected, f"{requested} -> {response.text!r}"
        elif kind == "json":
            assert response.json() == expected, f"{requested} -> {response.text}"
        elif kind == "has":
            found = response.json()
            assert {key: found.get(key) for key in expected} == expected, f"{requested} -> {response.text}"


def blocks_of(page: Path, text: str) -> list[Block]:
    """The page's fenced blocks in order. Raises ValueError for a fence that is never closed."""
    found: list[Block] = []
    lines = text.splitlines()
    comments: list[str] = []
    number = 0
    while number < len(lines):
        opening = FENCE.match(lines[number])
        if opening is None:
            if lines[number].strip():
                comments = [*comments, lines[number]] if lines[number].lstrip().startswith("<!--") else []
            number += 1
            continue
        start = number + 1
        indent, fence = opening["indent"], opening["fence"]
        end = next((at for at in range(start, len(lines)) if lines[at].strip() == fence), None)
        if end is None:
            raise ValueError(f"{page}:{start}: the fence is never closed")
        code = "\n".join(line.removeprefix(indent) for line in lines[start:end]) + "\n"
        found.append(Block(page, start + 1, opening["language"], code, "\n".join(comments)))
        comments = []
        number = end + 1
    return found


def tries_of(page: Path, first_line: int, code: str) -> list[Try]:
    """The `# try:` lines of a piece of code, in order. Raises ValueError where one cannot be read."""
    joined: list[tuple[int, str]] = []
    goes_on = False
    for number, line in enumerate(code.splitlines(), first_line):
        if line.startswith("# try:"):
            joined.append((number, line.removeprefix("# try:").strip()))
            goes_on = True
        elif goes_on and line.startswith("#   "):
            at, before = joined[-1]
            joined[-1] = (at, f"{before} {line[1:].strip()}")
        else:
            goes_on = False
    return [_parse_try(f"{page}:{at}", text) for at, text in joined]


def _parse_try(place: str, text: str) -> Try:
    requested, arrow, expected = text.partition(" -> ")
    request, response = REQUEST.fullmatch(requested), STATUS.fullmatch(expected.strip())
    if not arrow or request is None or response is None:
        raise ValueError(f"{place}: write `# try: GET /items/3 -> 200 {{...}}`, not {text!r}")
    headers, rest = _headers_first(request["rest"])
    body = _parse_body(place, rest)
    if "content" in body:
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
    expected_headers, outcome = _headers_first(response["rest"])
    return Try(
        place,
        request["method"],
        request["target"],
        int(response["status"]),
        headers,
        body,
        expected_headers,
        _parse_expected(place, outcome),
    )


def _headers_first(text: str) -> tuple[dict[str, str], str]:
    headers = {}
    while found := HEADER.match(text):
        headers[found["name"]] = found["value"]
        text = text[found.end() :]
    return headers, text


def _parse_body(place: str, text: str) -> dict[str, Any]:
    word, _, value = text.partition(" ")
    if not text:
        return {}
    if word == "with":
        return {"json": _json(place, value)}
    if word == "form":
        return {"content": value}
    raise ValueError(f"{place}: a body is `with {{...}}` or `form a=1&b=2`, not {text!r}")


def _parse_expected(place: str, text: str) -> tuple[str, Any]:
    if not text:
        return "any", None
    word, _, value = text.partition(" ")
    if word == "text":
        return "text", value
    if word == "has":
        return "has", _json(place, value)
    return "json", _json(place, text)


def _json(place: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as exc:
        raise ValueError(f"{place}: {text!r} is not JSON: {exc}") from exc
