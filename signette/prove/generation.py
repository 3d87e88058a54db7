"""Generated requests, by schemathesis and Hypothesis: the only module that imports them.

schemathesis makes a strategy of each operation of the OpenAPI document, for requests that fit it and for requests that
do not. Values of earlier responses take the place of generated ones in some of the requests. Hypothesis
draws from the strategy, the same requests for the same seed, and makes a failing request as small as it can.
"""

import json
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from signette.prove.candidates import Candidates
from signette.prove.law import Request
from signette.prove.serializers import SERIALIZERS

try:
    import schemathesis
    from hypothesis import HealthCheck, Phase, Verbosity, given, reject, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st
    from hypothesis.errors import FailedHealthCheck, HypothesisException, HypothesisWarning, Unsatisfiable
    from requests import Request as Prepared
    from schemathesis import GenerationMode
    from schemathesis.core.errors import SerializationNotPossible
except ModuleNotFoundError as missing:
    raise ImportError(
        "`signette prove` requires schemathesis, which is not installed. "
        "Install it with `pip install 'signette[prove]'`."
    ) from missing

for media_type, serialize in SERIALIZERS.items():
    schemathesis.serializer(media_type)(serialize)

BASE = "http://testserver"
BOUNDARY = "signette-prove"
# Headers that its client adds.
CLIENT_HEADERS = {"user-agent", "accept-encoding", "connection", "x-schemathesis-testcaseid"}
Kind = Literal["examples", "boundaries", "valid", "invalid"]


@dataclass(frozen=True)
class Generated:
    """A request, and whether it fits the document."""

    request: Request
    intent: Literal["valid", "invalid", "other"]


class Generator:
    """Generates requests for the operations of a document."""

    def __init__(self, document: Mapping[str, Any], seed: int) -> None:
        self.seed = seed
        # Paths of requests begin with the paths of the document, not with those of its servers.
        plain = {name: part for name, part in document.items() if name != "servers"}
        schema = schemathesis.openapi.from_dict(json.loads(json.dumps(plain)))
        self._operations: dict[tuple[str, str], Any] = {}
        self.failures: dict[tuple[str, str], str] = {}
        """Why no requests can be generated, by method and path."""
        results: list[Any] = list(schema.get_all_operations())
        for result in results:
            if type(result).__name__ == "Ok":
                operation = result.ok()
                self._operations[(operation.method.upper(), operation.path)] = operation
            else:
                error = result.err()
                key = (str(getattr(error, "method", "")).upper(), str(getattr(error, "path", "")))
                self.failures[key] = str(error).partition("\n")[0]

    def run(
        self,
        key: tuple[str, str],
        kind: Kind,
        most: int,
        candidates: Candidates,
        use: Callable[[Generated], object],
    ) -> None:
        """Call `use` with at most `most` requests of a kind; with one for each example of the document."""
        strategies = self._strategies(key, kind, candidates)
        for strategy, name in islice(strategies, most) if kind == "boundaries" else strategies:
            self._draw(strategy, f"{key} {name}", kind, most, use)

    def smallest(
        self,
        key: tuple[str, str],
        kind: Kind,
        most: int,
        candidates: Candidates,
        failing: Generated,
        fails: Callable[[Generated], bool],
        tries: int,
    ) -> Generated:
        """The smallest request for which `fails` is true, beginning with one that `run` made with these arguments."""
        found = failing
        for strategy, name in self._strategies(key, kind, candidates):
            shrinking = _Shrinking(failing, fails, tries)
            with _quiet(), suppress(_StillFails, HypothesisException, ExceptionGroup):
                self._test(strategy, f"{key} {name}", kind, most, shrinking, shrink=True)
            if shrinking.smallest is not None:
                found = shrinking.smallest
                break
        return found

    def _strategies(self, key: tuple[str, str], kind: Kind, candidates: Candidates) -> Iterator[tuple[Any, str]]:
        operation = self._operations.get(key)
        if operation is None:
            return
        if kind == "examples":
            for number, strategy in enumerate(operation.get_strategies_from_examples()):
                yield _requests(strategy, "valid", Candidates()), f"example {number}"
            return
        if kind == "boundaries":
            cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
            for (place, name), values in candidates.boundaries.items():
                for value in values:
                    yield _requests(cases, "valid", candidates, (place, name, value)), f"{place} {name} {value!r}"
            return
        mode = GenerationMode.NEGATIVE if kind == "invalid" else GenerationMode.POSITIVE
        intent: Literal["valid", "invalid"] = "invalid" if kind == "invalid" else "valid"
        yield _requests(operation.as_strategy(generation_mode=mode), intent, candidates), kind

    def _draw(self, strategy: Any, name: str, kind: Kind, most: int, use: Callable[[Generated], object]) -> None:
        errors: list[BaseException] = []

        def use_once(generated: Generated) -> None:
            if not errors:
                try:
                    use(generated)
                except BaseException as exc:  # noqa: BLE001 - Hypothesis would look for smaller ones
                    errors.append(exc)

        # Both mean that no value is invalid, as each text is a valid one.
        with _quiet(), suppress(Unsatisfiable, FailedHealthCheck):
            self._test(strategy, name, kind, most, use_once)
        if errors:
            raise errors[0]

    def _test(
        self,
        strategy: Any,
        name: str,
        kind: Kind,
        most: int,
        use: Callable[[Generated], object],
        *,
        shrink: bool = False,
    ) -> None:
        # Where nearly all values are valid, the health check ends the search for others early.
        ignored = set(HealthCheck) - ({HealthCheck.filter_too_much} if kind == "invalid" else set())
        rules = settings(
            database=None,
            max_examples=most if kind in {"valid", "invalid"} else 1,
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            deadline=None,
            suppress_health_check=list(ignored),
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
        )

        @seeded(zlib.crc32(f"{self.seed} {name}".encode()))
        @rules
        @given(strategy)
        def test(generated: Any) -> None:
            use(generated)

        test()


class _StillFails(Exception):
    """The request of a step still shows the violation."""


class _Shrinking:
    """Lets Hypothesis make a failing request smaller: it passes the requests before it, and counts tries."""

    def __init__(self, failing: Generated, fails: Callable[[Generated], bool], tries: int) -> None:
        self.failing = failing
        self.fails = fails
        self.tries = tries
        self.smallest: Generated | None = None
        self._known: dict[Generated, bool] = {}

    def __call__(self, generated: Generated) -> None:
        if self.smallest is None and generated != self.failing:
            return
        if self._fails(generated):
            self.smallest = generated
            raise _StillFails

    def _fails(self, generated: Generated) -> bool:
        if generated not in self._known:
            if self.tries <= 0:
                return False
            self.tries -= 1
            self._known[generated] = self.fails(generated)
        return self._known[generated]


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)
        yield


def _requests(
    cases: Any, intent: Literal["valid", "invalid"], candidates: Candidates, edge: tuple[str, str, Any] | None = None
) -> Any:
    """A strategy of requests, from one of schemathesis' cases; of requests with one value at an edge."""

    @st.composite
    def drawn(draw: Any) -> Generated:
        case = draw(cases)
        if edge is not None:
            _set_edge(case, edge)
        is_changed = bool(candidates) and _with_candidates(draw, case, candidates, always=edge is not None)
        request = request_of(case)
        if request is None:
            reject()
        return Generated(request, "other" if is_changed and intent == "valid" else intent)

    return drawn()


def _with_candidates(draw: Any, case: Any, candidates: Candidates, *, always: bool) -> bool:
    """Whether values of the case were replaced. Three of four requests use ids of earlier responses, or all do."""
    changed = False
    for place, known in ((case.path_parameters, candidates.path), (case.query, candidates.query)):
        for name, values in known.items():
            rare = place is case.query
            if not isinstance(place, dict) or (always and rare) or (name not in place and not rare):
                continue
            if always or draw(st.integers(0, 3)) >= (3 if rare else 1):
                value = draw(st.sampled_from(values))
                place[name] = value if rare else quote(str(value), safe="")  # generated ones are encoded, too
                changed = True
    if candidates.bodies and not always and draw(st.booleans()):
        case.body = draw(st.sampled_from(candidates.bodies))
        changed = True
    if isinstance(case.body, dict):
        for name, values in candidates.body.items():
            if name in case.body and not always and draw(st.booleans()):
                case.body = {**case.body, name: draw(st.sampled_from(values))}
                changed = True
    return changed


def _set_edge(case: Any, edge: tuple[str, str, Any]) -> None:
    """Put one value at the edge of its schema into a case."""
    place, name, value = edge
    if place == "query":
        case.query = {**(case.query or {}), name: value}
    elif isinstance(case.body, dict) and case.media_type == "application/json":
        case.body = {**case.body, name: value}


def request_of(case: Any) -> Request | None:
    """The request of a case; None if no client can send it."""
    try:
        parts = case.as_transport_kwargs(base_url=BASE)
        prepared = Prepared(
            parts["method"], parts["url"], params=parts.get("params"), data=_form_of(parts), json=parts.get("json")
        ).prepare()
    except (ValueError, UnicodeError, SerializationNotPossible):
        return None
    headers = {
        str(name): str(value)
        for name, value in (parts.get("headers") or {}).items()
        if name.lower() not in CLIENT_HEADERS and (name.lower(), value) != ("accept", "*/*")
    }
    content: Any = prepared.body or b""
    body: bytes = content.encode() if isinstance(content, str) else bytes(content)
    names = {name.lower() for name in headers}
    if parts.get("files"):
        body = _multipart(parts["files"])
        headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
    elif "content-type" not in names and prepared.headers.get("Content-Type") and body:
        headers["Content-Type"] = str(prepared.headers["Content-Type"])
    if parts.get("cookies"):
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in parts["cookies"].items())
    if not all(_can_be_sent(part) for pair in headers.items() for part in pair):
        return None
    split = urlsplit(str(prepared.url))
    target = f"{split.path or '/'}?{split.query}" if split.query else split.path or "/"
    return Request(parts["method"], target, tuple(headers.items()), body)


def _form_of(parts: Mapping[str, Any]) -> Any:
    return None if parts.get("files") else parts.get("data")


def _can_be_sent(text: str) -> bool:
    return all(character == "\t" or " " <= character <= "~" or "\xa0" <= character <= "\xff" for character in text)


def _multipart(files: Sequence[tuple[str, Any]]) -> bytes:
    """A multipart body, whose boundary is always the same."""
    lines = []
    for name, value in files:
        filename, content, *more = value if isinstance(value, tuple) else (None, value)
        described = f'form-data; name="{_escaped(name)}"'
        if filename is not None:
            described += f'; filename="{_escaped(filename)}"'
        head = f"--{BOUNDARY}\r\nContent-Disposition: {described}\r\n"
        if more and more[0]:
            head += f"Content-Type: {more[0]}\r\n"
        data = content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogatepass")
        lines.append(head.encode("utf-8", "surrogatepass") + b"\r\n" + data + b"\r\n")
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()


def _escaped(name: str) -> str:
    """A name in a header of a part (WHATWG HTML, multipart form data)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
