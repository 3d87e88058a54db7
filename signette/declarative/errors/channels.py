"""Errors in channels, their topics, and streams of typed events."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, UnknownPathParameter, closest_match, format_type
from signette.declarative.signature.model import SourceLocation


def channel_without_type(location: SourceLocation | str, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: Channel` has no type, so its messages cannot be validated",
        f"name the type of the messages: `{name}: Channel[Notice]`",
    )


def unpublishable_type(location: SourceLocation | str, name: str, item: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: Channel[{format_type(item)}]` has messages that subscribers cannot read: {why}",
        "use a type that has the same value after it was serialized and validated",
    )


def invalid_topic(location: SourceLocation | str, name: str, template: str, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has the topic {template!r}, which is not valid: {why}",
        'write a text with names of path parameters in braces: `Topic("notices/{user_id}")`',
    )


def unknown_placeholder(
    location: SourceLocation, name: str, placeholder: str, template: str, path: str, known: Iterable[str]
) -> SignatureError:
    near = closest_match(placeholder, known)
    hint = f"write `{{{near}}}`" if near else f"add `{{{placeholder}}}` to the path, or use a topic without it"
    problem = f"the topic {template!r} of `{name}` has `{{{placeholder}}}`, which is not a path parameter of `{path}`"
    return UnknownPathParameter(location, problem, hint, [placeholder])


def several_resumable_channels(location: SourceLocation, first: str, second: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{first}` and `{second}` are channels of an endpoint that streams events, and `Last-Event-ID` is the id of"
        " one topic only",
        f"write `Topic(..., resume=False)` for the one whose ids are not sent: `{second}`, say; or use one channel of"
        " a union",
    )


def topic_without_channel(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has a `Topic(...)`, but is not a `Channel`",
        f"write `{name}: Annotated[Channel[Notice], Topic(...)]`",
    )


def several_topics(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(location, f"`{name}` has two `Topic(...)`", "keep one of them")


def invalid_on_missed(location: SourceLocation | str, name: str, value: Any) -> SignatureError:
    return SignatureError(location, f"`{name}` has `Topic(on_missed={value!r})`", 'use `"continue"` or `"close"`')


def events_without_type(location: SourceLocation) -> SignatureError:
    return SignatureError(
        location, "`-> Events` has no type of its events", "name it: `-> Events[OrderPaid | OrderShipped]`"
    )


def not_a_stream_of_events(location: SourceLocation, annotation: Any, metadata: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`-> {format_type(annotation)}` is not a stream of typed events, so `{metadata!r}` has no effect",
        "write `-> Events[...]`, or remove it",
    )


def ambiguous_event_names(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"two types of events have the name `{name}`, so clients cannot distinguish them",
        'give one of them another name: `Annotated[OrderPaid, EventName("order.paid")]`',
    )


def indistinct_events(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a `TypedDict` in a union of events: its values are dictionaries, which do not have its name",
        "use a model or a dataclass",
    )


def reserved_event_name(location: SourceLocation, name: str, reserved: Iterable[str]) -> SignatureError:
    names = ", ".join(f"`{each}`" for each in reserved)
    return SignatureError(
        location,
        f"an event is named `{name}`, and signette sends events of the names {names} itself",
        'give it another name: `Annotated[Missed, EventName("order.missed")]`',
    )
