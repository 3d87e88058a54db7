"""The topics' applications in both forms, asked the same; and what of two responses is compared."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import starlette.testclient

import signette.testclient
from tests.differential.differences import Seen
from tests.examples.ported.forms import load
from tests.examples.topics.asking import Asked
from tests.examples.topics.differences import DIFFERENCES

# A length follows from its body. What the toolkit's headers are is compared in tests/differential.
_LEFT_OUT = {"content-length", "etag", "last-modified"}


@dataclass(frozen=True)
class Told:
    """One response, as the differences look at it."""

    response: Any

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @cached_property
    def json(self) -> Any:
        try:
            return json.loads(self.response.content)
        except ValueError:
            return None

    def facts(self) -> dict[str, Any]:
        """An error's body is compared by what is in it, as its shape is another on each side; all else as it is."""
        facts: dict[str, Any] = {"status": self.status}
        for name, value in self.response.headers.multi_items():
            if name not in _LEFT_OUT:
                facts[name] = (*facts.get(name, ()), value)
        if isinstance(self.json, dict) and "detail" in self.json and self.status >= 400:
            return facts | self._problem()
        return facts | {"body": self.response.content if self.json is None else self.json}

    def _problem(self) -> dict[str, Any]:
        detail = self.json["detail"]
        if "errors" in self.json:
            entries = [(_place(entry), entry["code"], entry["message"]) for entry in self.json["errors"]]
        elif self.status == 422:
            entries = [(tuple(map(str, entry["loc"])), entry["type"], entry["msg"]) for entry in detail]
        else:
            return {"shape": sorted(self.json), "detail": detail}
        return {
            "shape": sorted(self.json),
            "places": [place for place, _, _ in entries],
            "codes": [code for _, code, _ in entries],
            "messages": [message for _, _, message in entries],
        }


def _place(entry: dict[str, str]) -> tuple[str, ...]:
    """The place of an entry of ours as they write it: a form is their body, a pointer's steps are each their own."""
    source = "body" if entry["in"] == "form" else entry["in"]
    name = (entry["name"],) if "name" in entry else ()
    steps = entry.get("pointer", "").split("/")[1:]
    return (source, *name, *(step.replace("~1", "/").replace("~0", "~") for step in steps))


@contextlib.contextmanager
def both_sides(topic: str) -> Iterator[list[Any]]:
    """A client of the application in FastAPI's form and one of ours, with their lifespans."""
    theirs, ours = [load(form, f"examples.ported.topics.{topic}").app for form in ("as_fastapi", "as_signette")]
    assert type(theirs).__module__.startswith("fastapi.")
    assert type(ours).__module__.startswith("signette.")
    options: dict[str, Any] = {"follow_redirects": False, "raise_server_exceptions": False}
    with (
        starlette.testclient.TestClient(theirs, **options) as first,
        signette.testclient.TestClient(ours, **options) as second,
    ):
        yield [first, second]


def seen(topic: str, clients: list[Any], requested: Asked) -> Seen:
    """Both responses to one request."""
    _, method, target, sent = requested
    headers = sent.get("headers", {})
    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    sent = sent | {"headers": [("accept-encoding", "identity"), *pairs]}
    theirs, ours = [Told(client.request(method, target, **sent)) for client in clients]
    return Seen(topic, requested, theirs, ours)


def check(found: Seen) -> None:
    """Raises AssertionError where the two are not alike, and no difference in the table says so."""
    aspects = found.aspects()
    for difference in DIFFERENCES if aspects else ():
        for aspect in difference.explains(found):
            aspects.pop(aspect, None)
    assert not aspects, f"{found.application}: {found.ask}\n" + "\n".join(
        f"{aspect}\n  there: {str(theirs)[:1000]}\n  here:  {str(ours)[:1000]}"
        for aspect, (theirs, ours) in aspects.items()
    )
