"""Requests to paste: as commands of curl, and as a test for pytest."""

import base64
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from signette.prove.law import Exchange, Request
from signette.prove.references import Parts, Reference, References

BASE_URL = "http://127.0.0.1:8000"


def curl_commands(exchanges: Sequence[Exchange], references: References, base_url: str = BASE_URL) -> tuple[str, ...]:
    """A command for each request. Ids of earlier responses are variables, which the commands set."""
    commands = []
    for number, exchange in enumerate(exchanges, 1):
        command = curl(exchange.request, references, base_url)
        own = [each for each in references.values.values() if each.response == number]
        used = [each for each in own if any(_uses(later.request, each, references) for later in exchanges[number:])]
        if used:
            variables = [f"{each.variable}=$({each.command})" for each in used]
            command = "\n".join([f"RESPONSE_{number}=$({command})", *variables])
        commands.append(command)
    return tuple(commands)


def curl(request: Request, references: References, base_url: str = BASE_URL) -> str:
    """The command that sends a request."""
    words = ["curl -si --globoff --path-as-is"]
    if request.method == "HEAD":
        words.append("--head")
    elif request.method != "GET" or request.body:
        words.append(f"-X {shlex.quote(request.method)}")
    for name, value in request.headers:
        variable = references.header(name)
        if variable is not None:
            words.append(f'-H "{name}: {variable}"')
        else:
            words.append("-H " + (_quoted(references.split(f"{name}: {value}")) if value else shlex.quote(f"{name};")))
    if request.body and request.header("content-type") is None:
        words.append("-H Content-Type:")  # curl would send that of a form
    if request.chunked:
        words.append("-H 'Transfer-Encoding: chunked'")
    before = ""
    if request.body:
        text = _as_text(request.body)
        if text is None:
            before = f"echo {base64.b64encode(request.body).decode()} | base64 -d | "
            words.append("--data-binary @-")
        else:
            words.append("--data-raw " + _quoted(references.split(text)))
    words.append(_quoted([base_url, *references.split(request.target)]))
    return before + " ".join(words)


def _quoted(parts: Parts) -> str:
    """A word of the shell."""
    merged: Parts = []
    for part in parts:
        if merged and isinstance(part, str) and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return "".join(shlex.quote(part) if isinstance(part, str) else f'"${part.variable}"' for part in merged)


def _uses(request: Request, reference: Reference, references: References) -> bool:
    texts = [request.target, request.body.decode("utf-8", "replace"), *(value for _, value in request.headers)]
    return any(reference in references.split(text) for text in texts)


def _as_text(body: bytes) -> str | None:
    """A body that can be an argument of a command."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if all(part.isprintable() for part in re.split(r"[\n\t]", text)) else None


@dataclass(frozen=True)
class PytestSource:
    """Writes the test of a finding."""

    app: str
    """`module:name`."""
    references: References = field(default_factory=References)
    arguments: Sequence[tuple[str, str]] = ()
    """Names and sources of more arguments of `Replay`. A source `module:name` is imported."""

    def test(self, law: str, operation: str, exchanges: Sequence[Exchange], checked: int | None) -> str:
        """A test that checks the law with the request at `checked`, after those before it; None: without a request."""
        module, _, name = self.app.partition(":")
        imports = {f"from {module} import {name}"}
        more = ""
        for argument, value in self.arguments:
            if re.fullmatch(r"[\w.]+:\w+", value):
                imports.add("from {} import {}".format(*value.split(":")))
            more += f", {argument}={value.rpartition(':')[2]}"
        sent = [] if checked is None else exchanges[: checked + 1]
        lines = self._lines(law, sent)
        needed = "Replay, Request" if sent else "Replay"
        head = "\n".join([*sorted(imports), f"from signette.prove import {needed}"])
        words = re.sub(r"\W+", "_", f"{operation}_{law}").strip("_")
        body = "\n".join(f"        {line}" for line in lines)
        start = f'with Replay({name}, "{operation}"{more}) as replay:'
        return f"{head}\n\n\ndef test_{words}() -> None:\n    {start}\n{body}\n"

    def _lines(self, law: str, sent: Sequence[Exchange]) -> list[str]:
        if not sent:
            return [f'replay.check("{law}")']
        *before, last = sent
        lines = []
        for number, exchange in enumerate(before, 1):
            later = " ".join(self._source(each.request) for each in sent[number:])
            name = f"response_{number} = " if f"response_{number}." in later else ""
            lines.append(f"{name}replay.send({self._source(exchange.request)})")
        intent = "" if last.intent == "other" else f', intent="{last.intent}"'
        return [*lines, f'replay.check("{law}", {self._source(last.request)}{intent})']

    def _source(self, request: Request) -> str:
        """The source of a request."""
        arguments = [f'"{request.method}"', self._literal(request.target)]
        if request.headers:
            pairs = [f'("{name}", {self._header(name, value)})' for name, value in request.headers]
            arguments.append(f"({', '.join(pairs)},)")
        if request.body:
            arguments.append(("" if request.headers else "body=") + self._body(request.body))
        if request.chunked:
            arguments.append("chunked=True")
        return f"Request({', '.join(arguments)})"

    def _header(self, name: str, value: str) -> str:
        variable = self.references.header(name)
        return self._literal(value) if variable is None else f'"{variable}"'

    def _body(self, body: bytes) -> str:
        try:
            source = self._literal(body.decode())
        except UnicodeDecodeError:
            return repr(body)
        return f"{source}.encode()" if source.startswith("f") else repr(body)

    def _literal(self, text: str) -> str:
        """A text as a literal, or as an f-string with references."""
        parts = self.references.split(text)
        if all(isinstance(part, str) for part in parts):
            return f'"{text}"' if text.isprintable() and not {'"', "\\"} & set(text) else repr(text)
        shown = "".join(_in_f_string(part) if isinstance(part, str) else f"{{{part.python}}}" for part in parts)
        return f"f'{shown}'"


def _in_f_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("{", "{{").replace("}", "}}")
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in escaped)
