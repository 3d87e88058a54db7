"""Builds each application with both toolkits, sends both the same, and rejects what no difference explains."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from tests.differential import applications, layers
from tests.differential.differences import Seen
from tests.differential.exchanges import Ask, Outcome, hold_conversation, send_request
from tests.differential.names import SIGNETTE, STARLETTE, Names
from tests.differential.table import DIFFERENCES
from tests.differential.values import Program, run
from tests.volume import examples

# SIGNETTE_EXPLORE=1000 looks for unknown differences; without it, each run sends the same.
_EXPLORE = int(os.environ.get("SIGNETTE_EXPLORE", "0"))


def asks(number: int) -> settings:
    """How often a property is tried."""
    return settings(
        max_examples=_EXPLORE or examples(number),
        derandomize=not _EXPLORE,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


@cache
def folder() -> Path:
    """The files that both serve; gone when the tests have ended."""
    path = Path(tempfile.mkdtemp(prefix="signette-differential-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return applications.write_files(path)


MAKERS: dict[str, Callable[[Names], Any]] = {
    "routing": applications.routing,
    "requests": applications.requests,
    "responses": applications.responses,
    "files": lambda names: applications.files(names, folder()),
    "gzip": layers.gzip,
    "hosts": layers.hosts,
    "https": layers.https,
    "authentication": layers.authentication,
    "body_limit": layers.body_limit,
    **{f"body_limit: {name}": partial(layers.body_limit, limited_by=name) for name in layers.BODY_LIMITS},
    "base_http": layers.base_http,
    "errors": layers.errors,
    "debug": partial(layers.errors, debug=True),
    "endpoints": layers.endpoints,
    "sockets": layers.sockets,
    **{f"cors: {name}": partial(layers.cors, **options) for name, options in layers.CORS_OPTIONS.items()},
}


@cache
def pair(application: str) -> tuple[Any, Any]:
    """The application of Starlette, and ours."""
    make = MAKERS[application]
    return make(STARLETTE), make(SIGNETTE)


def run_both(program: Program) -> Seen:
    """A program of calls, with the data structures of both."""
    return Seen("values", program, run(STARLETTE, program), run(SIGNETTE, program))


async def both(application: str, ask: Any, declared: Sequence[Mapping[str, Any]] | None = None) -> Seen:
    """One request, or a conversation where the client says something, or a program of calls, to both."""
    if isinstance(ask, Program):
        return run_both(ask)
    theirs, ours = [await _ask(app, ask, declared) for app in pair(application)]
    return Seen(application, ask, theirs, ours)


async def _ask(app: Any, ask: Ask, declared: Sequence[Mapping[str, Any]] | None) -> Outcome:
    if declared is not None:
        return await hold_conversation(app, ask, declared)
    if any(b"{etag}" in value for _, value in ask.headers):
        # Each side is asked with the tag that it gave itself.
        tag = (await send_request(app, Ask(target=ask.target))).header("etag") or ""
        pairs = [(name, value.replace(b"{etag}", tag.strip('"').encode())) for name, value in ask.headers]
        ask = replace(ask, headers=tuple(pairs))
    return await send_request(app, ask)


def check(seen: Seen) -> None:
    """Raises AssertionError where the two are not alike, and no difference in the table says so."""
    aspects = seen.aspects()
    for difference in DIFFERENCES if aspects else ():
        is_of_values = difference.shown[0] == "values"
        if is_of_values == (seen.application == "values"):
            for aspect in difference.explains(seen):
                aspects.pop(aspect, None)
    assert not aspects, f"{seen.application}: {seen.ask}\n" + "\n".join(
        f"{aspect}\n  there: {str(theirs)[:1000]}\n  here:  {str(ours)[:1000]}"
        for aspect, (theirs, ours) in aspects.items()
    )


async def compare(application: str, ask: Any, declared: Sequence[Mapping[str, Any]] | None = None) -> Seen:
    """Ask both, and check."""
    seen = await both(application, ask, declared)
    check(seen)
    return seen
