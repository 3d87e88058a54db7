"""`ChannelSpec`: what a plan says of a channel, and the function that makes the channel at a request."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.messages import codec_of
from signette.declarative.adapters.validators import ValidationError, check_text
from signette.declarative.channels.channel import Channel
from signette.declarative.channels.feed import Feed
from signette.declarative.channels.topic import topic_of
from signette.declarative.signature.topics import OnMissed
from signette.state.backend import Backend
from signette.state.bus import Bus
from signette.types import Scope

# The ids of a bus are short. A longer one is unknown, and need not be kept whole.
_MAX_ID_BYTES = 200


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name in braces in a topic: a path parameter."""

    name: str
    position: int
    """The index of the path parameter in the template of the path."""
    annotation: Any = str
    """The type of the path parameter, whose text it has in the topic: `7` for the path `/users/007`."""


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """The channel of a parameter."""

    template: str
    item: Any
    """The type of the messages."""
    on_missed: OnMissed | None = None
    """None: not known until the whole endpoint is planned."""
    resume: bool = True
    """Whether the parameter allows that a stream of events starts after `Last-Event-ID`."""
    placeholders: tuple[Placeholder, ...] = ()
    streams_events: bool = False
    """Whether the endpoint streams server-sent events, which end on their own when the process ends."""
    resumes: bool = False
    """Whether the endpoint streams events, and subscriptions start after `Last-Event-ID`."""

    def maker(self) -> Callable[[Scope, Sequence[str], list[Feed[Any]]], Channel[Any]]:
        """A function that makes the channel of a request: `make(scope, values, feeds)`."""
        codec = codec_of(self.item)
        checks = [(each.name, each.position, check_text(each.annotation)) for each in self.placeholders]

        def make(scope: Scope, values: Sequence[str], feeds: list[Feed[Any]]) -> Channel[Any]:
            topic = self.template
            if checks:
                topic = topic_of(topic, {name: _checked(check, values[at]) for name, at, check in checks})
            after = last_event_id(scope) if self.resumes else None
            return Channel(
                partial(bus_of, scope.get("app")),
                topic,
                codec,
                self.on_missed or "continue",
                after,
                feeds,
                resumes=self.resumes,
                ends_with_process=not self.streams_events,
                gives_up=not self.streams_events,
            )

        return make


def _checked(check: Callable[[Any], Any], text: str) -> Any:
    try:
        return check(text)
    except ValidationError:  # the read of the parameter reports it, and the endpoint is not called
        return text


def last_event_id(scope: Scope) -> str | None:
    """The `Last-Event-ID` of a client that reconnects (HTML standard §9.2.4); None without one."""
    for name, value in scope.get("headers", ()):
        if name == b"last-event-id":
            return value[:_MAX_ID_BYTES].decode("utf-8", "replace") or None
    return None


# Of routes that are called without an application of signette.
_own_backend = Backend()


def bus_of(app: Any) -> Bus:
    """The bus of an application's backend."""
    backend = getattr(app, "backend", None)
    return (backend if isinstance(backend, Backend) else _own_backend).bus()
