"""Typed WebSockets of a plan: the types of their messages, their options, and the call that they are open for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, get_args

from signette.declarative.adapters.sendable import unsendable
from signette.declarative.adapters.validators import PydanticUserError, SchemaError, adapter_of
from signette.declarative.errors import base as errors
from signette.declarative.errors import sockets as socket_errors
from signette.declarative.plan.steps import Call, Read, Step
from signette.declarative.signature.annotations import metadata_of, strip_annotated, without_none
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.socket_options import ON_INVALID, SocketOptions
from signette.declarative.sockets.messages import encoder, is_json, is_none
from signette.declarative.sockets.spec import SocketSpec
from signette.exceptions import ResponseValidationError

_TIMES = ("heartbeat", "idle_timeout", "send_timeout")


def socket_of(parameter: Parameter, where: SourceLocation) -> SocketSpec:
    """The typed WebSocket that a parameter declares.

    Raises SignatureError for types that messages cannot have, and for options without an effect.
    """
    name, annotation = parameter.name, without_none(parameter.annotation)
    types = get_args(strip_annotated(annotation))
    if len(types) != 2:
        raise socket_errors.socket_without_types(where, name, strip_annotated(annotation))
    incoming, outgoing = types
    if is_none(incoming) and is_none(outgoing):
        raise socket_errors.silent_socket(where, name)
    for each in types:
        _check_messages(each, name, where, from_client=each is incoming)
    given = [each for each in metadata_of(annotation) if isinstance(each, SocketOptions)]
    if len(given) > 1:
        raise socket_errors.several_socket_options(where, name)
    options = given[0] if given else SocketOptions()
    _check_options(options, incoming, outgoing, name, where)
    return SocketSpec(incoming, outgoing, options)


def with_sockets(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, with the endpoint's call as the one that its socket is open for.

    Raises SignatureError for two sockets.
    """
    reads = [step for step in steps if isinstance(step, Read) and step.messages is not None]
    if not reads:
        return tuple(steps)
    endpoint = next(step for step in steps if isinstance(step, Call) and step.endpoint)
    if len(reads) > 1:
        raise socket_errors.several_sockets(endpoint.where, reads[0].name, reads[1].name)
    return tuple(replace(step, session=reads[0].into) if step is endpoint else step for step in steps)


def _check_messages(annotation: Any, name: str, where: SourceLocation, *, from_client: bool) -> None:
    if not is_json(annotation):
        return
    try:
        adapter_of(annotation)
        part = unsendable(annotation, "json") if from_client else None
        why = None if part is None else f"it contains {part}, which no client can send as JSON"
    except (PydanticUserError, SchemaError, TypeError) as exc:
        unknown = errors.undefined_name_in(exc)
        if unknown is not None:
            raise errors.unresolved_forward_ref(where, unknown) from None
        why = errors.summary(exc)
    if why is not None:
        raise socket_errors.unusable_message(where, name, annotation, why)


def _check_options(options: SocketOptions, incoming: Any, outgoing: Any, name: str, where: SourceLocation) -> None:
    for option, wanted, hint in _mistakes(options, incoming, outgoing):
        value = getattr(options, option)
        raise socket_errors.invalid_socket_option(where, name, option, value, wanted, hint)


def _mistakes(options: SocketOptions, incoming: Any, outgoing: Any) -> Iterator[tuple[str, str, str]]:
    """Options that are not valid: the name, what it must be, and a hint."""
    if options.on_invalid not in ON_INVALID:
        yield "on_invalid", "one of " + ", ".join(f"`{each!r}`" for each in ON_INVALID), "write one of these"
    if options.on_invalid == "problem" and not is_json(outgoing):
        yield "on_invalid", "`'close'`, as a problem is JSON, and no message to the client is", "remove the option"
    for each in _TIMES:
        value = getattr(options, each)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value <= 0):
            yield each, "a number of seconds above 0", "write a number such as `30`, or remove the option"
    most = options.max_message_bytes
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most <= 0):
        yield "max_message_bytes", "an integer above 0", "write a number such as `64 * 1024`, or remove the option"
    if is_none(incoming):
        for each in ("max_message_bytes", "idle_timeout"):
            if getattr(options, each) is not None:
                yield each, "left out, as the client sends no messages", "remove the option"
    if options.heartbeat is None and options.heartbeat_message is not None:
        yield "heartbeat_message", "with a `heartbeat=`", "add the seconds: `heartbeat=30`"
    if options.heartbeat is not None and (wrong := _wrong_heartbeat(options.heartbeat_message, outgoing)):
        yield "heartbeat_message", wrong, "pass a message to the client: `heartbeat_message=Ping()`"


def _wrong_heartbeat(message: Any, outgoing: Any) -> str:
    try:
        encoder(outgoing)(message)
    except (ResponseValidationError, TypeError, ValueError):
        return f"a message to the client, of the type `{errors.format_type(outgoing)}`"
    return ""
