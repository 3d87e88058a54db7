"""Values of requests that an earlier response made up, and credentials: another start of the application has others.

They are written as what they refer to: in a test as an expression, in a command as a variable of the shell, and in
reports as `{response_1.id}`, so that the reports of two runs are equal.
"""

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from signette.prove.law import Exchange, Request
from signette.prove.translation import json_or_none, values_of

# What may not be next to a value, in a target, a header or a JSON body.
INNER = r"[^/=&?\"]"


@dataclass(frozen=True)
class Reference:
    """A member of the body of an earlier response, or one of its headers."""

    response: int
    """The number of the response, from 1."""
    place: tuple[Any, ...] = ()
    header: str = ""

    @property
    def python(self) -> str:
        """The expression in a test."""
        if self.header:
            return f'response_{self.response}.header("{self.header}")'
        steps = "".join(f'["{step}"]' if isinstance(step, str) else f"[{step}]" for step in self.place)
        return f"response_{self.response}.json(){steps}"

    @property
    def text(self) -> str:
        """The name in a report."""
        steps = ".".join(str(step) for step in self.place)
        return f"response_{self.response}.{self.header or steps}"

    @property
    def variable(self) -> str:
        """The name of the shell's variable."""
        return re.sub(r"\W", "_", self.text).upper()

    @property
    def command(self) -> str:
        """The command that prints the value, for a response of `curl -i` in a variable."""
        whole = f'printf "%s" "$RESPONSE_{self.response}"'
        if self.header:
            return f"{whole} | tr -d '\\r' | sed -n 's/^{self.header}: //Ip'"
        steps = "".join(f"[{step!r}]" for step in self.place).replace("'", '"')
        program = f"import json, sys; print(json.loads(sys.stdin.read().splitlines()[-1]){steps})"
        return f"{whole} | python3 -c {shlex.quote(program)}"


Parts = list[str | Reference]


@dataclass(frozen=True)
class References:
    """The values that are written as references."""

    values: Mapping[str, Reference] = field(default_factory=dict)
    credentials: Collection[str] = ()
    """Names of headers that `before` returned."""

    def split(self, text: str) -> Parts:
        """A text in parts: what stays, and references."""
        spelled = {}
        for value, reference in self.values.items():
            spelled[value] = spelled[quote(value, safe="")] = reference
        if not spelled:
            return [text]
        every = "|".join(re.escape(value) for value in sorted(spelled, key=len, reverse=True))
        found = re.split(rf"((?<!{INNER})(?:{every})(?!{INNER}))", text)
        return [spelled.get(part, part) for part in found if part]

    def symbolic(self, request: Request) -> Request:
        """The request with the names of references in place of values."""
        body = request.body
        if self.values and body:
            body = self._text(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        headers = tuple((name, self.header(name) or self._text(value)) for name, value in request.headers)
        return replace(request, target=self._text(request.target), headers=headers, body=body)

    def header(self, name: str) -> str | None:
        """The variable in place of a header with credentials; None for another header."""
        known = {each.lower() for each in self.credentials}
        return f"${re.sub(r'[^A-Z]', '_', name.upper())}" if name.lower() in known else None

    def _text(self, text: str) -> str:
        return "".join(part if isinstance(part, str) else f"{{{part.text}}}" for part in self.split(text))


def references_in(exchanges: Sequence[Exchange], made_up: Collection[str], credentials: Collection[str]) -> References:
    """The references to made-up values of the exchanges."""
    found: dict[str, Reference] = {}
    for number, exchange in enumerate(exchanges, 1):
        for place, value in values_of(json_or_none(exchange)):
            if str(value) in made_up:
                found.setdefault(str(value), Reference(number, place))
        for name in ("etag", "location"):
            value = exchange.header(name)
            has_a_name = any(known in (value or "") for known in found)
            if value is not None and value in made_up and not has_a_name:
                found.setdefault(value, Reference(number, header=name))
    return References(found, credentials)
