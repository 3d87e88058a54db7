"""`Topic`: the topic of a `Channel` parameter, with names of path parameters in braces, and its options."""

from collections.abc import Iterator
from typing import Literal, get_args

from signette._dataclasses import dataclass
from signette._patterns import lazy_pattern

OnMissed = Literal["continue", "close"]
ON_MISSED: tuple[OnMissed, ...] = get_args(OnMissed)

# The characters that values have in a topic, where others are percent-encoded.
_IN_VALUES = lazy_pattern(r"[A-Za-z0-9_.~%-]*")
_PARTS = lazy_pattern(r"\{([^{}]*)\}|([^{}]+)|([{}])")


class TopicSyntaxError(ValueError):
    """A topic is empty, or has a brace without its partner or a placeholder that is not a name."""


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic of a channel: `Annotated[Channel[Notice], Topic("notices/{user_id}")]`.

    `{user_id}` is replaced by the path parameter of that name. Without a template, the topic is the parameter's name.

    `on_missed` decides what happens to a subscriber that misses messages, because it is too slow, or because the
    messages after its last one are no longer kept. With "continue" it goes on with the oldest message that is kept, and
    server-sent events have an event `missed` in between. With "close" its stream ends after that event, a WebSocket is
    closed with 1013, and an iteration raises `MessagesMissed`. The default is "close" for WebSockets, else "continue".

    `resume=False`: a stream of server-sent events does not start after the client's `Last-Event-ID`.
    """

    template: str | None = None
    on_missed: OnMissed | None = None
    resume: bool = True


def parts_of(template: str) -> Iterator[tuple[str, bool]]:
    """The parts of a topic, in order: a text and False, or the name of a placeholder and True.

    Raises:
        TopicSyntaxError: for an empty topic, a single brace, a placeholder that is not a name, or two placeholders with
            which different values would make the same topic.
    """
    if not template:
        raise TopicSyntaxError("it is empty")
    before, between = "", ""
    for found in _PARTS.finditer(template):
        name, text, brace = found.groups()
        if brace is not None:
            raise TopicSyntaxError(f"the brace at position {found.start() + 1} has no partner")
        if text is not None:
            between = text
            yield text, False
        elif name.isidentifier():
            if before and _IN_VALUES.fullmatch(between):
                raise TopicSyntaxError(f"write `{{{before}}}/{{{name}}}`: what is between them may be part of a value")
            before, between = name, ""
            yield name, True
        else:
            raise TopicSyntaxError(f"`{{{name}}}` is not the name of a path parameter")
