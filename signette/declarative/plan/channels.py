"""Channels of a plan: their topics, the types of path parameters in these, and whether subscriptions resume."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, get_args
from uuid import UUID

from signette.declarative.adapters.messages import codec_of, unpublishable
from signette.declarative.adapters.sendable import unsendable
from signette.declarative.adapters.validators import PydanticUserError, SchemaError, adapter_of
from signette.declarative.channels.channel import Channel
from signette.declarative.channels.spec import ChannelSpec, Placeholder, bus_of
from signette.declarative.channels.topic import topic_of
from signette.declarative.errors import base as errors
from signette.declarative.errors import channels as channel_errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.steps import Read, Step
from signette.declarative.returns.events import EVENTS
from signette.declarative.returns.kind import Reply
from signette.declarative.signature.annotations import metadata_of, strip_annotated, without_none
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.topics import ON_MISSED, OnMissed, Topic, TopicSyntaxError, parts_of
from signette.declarative.sources.path import PATH
from signette.routing.matching import parameters_in

# The types of convertors, for path parameters that no callable reads.
_BY_CONVERTOR = {"int": int, "float": float, "uuid": UUID}


def channel_of(parameter: Parameter, where: SourceLocation) -> ChannelSpec:
    """The channel that a parameter declares.

    Raises SignatureError for a channel without a type, for one whose messages cannot be read, and for its `Topic`.
    """
    name, annotation = parameter.name, without_none(parameter.annotation)
    topic = _topic_of(annotation, name, where)
    template = name if topic.template is None else topic.template
    return ChannelSpec(template, item_of(annotation, name, where), topic.on_missed, topic.resume)


def item_of(annotation: Any, name: str, where: SourceLocation | str) -> Any:
    """The type of a channel's messages."""
    items = get_args(strip_annotated(annotation))
    if not items:
        raise channel_errors.channel_without_type(where, name)
    check_publishable(items[0], name, where)
    return items[0]


def check_publishable(item: Any, name: str, where: SourceLocation | str) -> None:
    """Raises SignatureError for a type that cannot be serialized, or whose JSON subscribers cannot read."""
    try:
        adapter_of(item)
        part = unsendable(item, "json")
        why = unpublishable(item) if part is None else f"it contains {part}"
    except (PydanticUserError, SchemaError, TypeError) as exc:
        unknown = errors.undefined_name_in(exc)
        if unknown is not None:
            raise errors.unresolved_forward_ref(where, unknown) from None
        why = errors.summary(exc)
    if why is not None:
        raise channel_errors.unpublishable_type(where, name, item, why)


def channel_outside(app: Any, item: Any, template: str, values: Mapping[str, Any], on_missed: OnMissed) -> Channel[Any]:
    """The channel of an application's topic, outside of requests; see `App.channel`."""
    where = "App.channel"
    if on_missed not in ON_MISSED:
        raise channel_errors.invalid_on_missed(where, "topic", on_missed)
    check_publishable(item, "item", where)
    try:
        topic = topic_of(template, values)
    except TopicSyntaxError as exc:
        raise channel_errors.invalid_topic(where, "topic", template, str(exc)) from None
    except KeyError:
        missing = [part for part, named in parts_of(template) if named and part not in values]
        if not missing:
            raise  # by the serializer of a value
        raise ValueError(
            f"the topic {template!r} has `{{{missing[0]}}}`, for which there is no value; pass it:"
            f" `values={{{missing[0]!r}: ...}}`"
        ) from None
    return Channel(partial(bus_of, app), topic, codec_of(item), on_missed, resumes=True)


def _topic_of(annotation: Any, name: str, where: SourceLocation) -> Topic:
    topics = [each for each in metadata_of(annotation) if isinstance(each, Topic)]
    if len(topics) > 1:
        raise channel_errors.several_topics(where, name)
    topic = topics[0] if topics else Topic()
    if topic.on_missed not in (None, *ON_MISSED):
        raise channel_errors.invalid_on_missed(where, name, topic.on_missed)
    return topic


def with_channels(
    steps: Sequence[Step], endpoint: Endpoint, path_names: Sequence[str], reply: Reply
) -> tuple[Step, ...]:
    """The steps, with all facts of their channels, some of which are known only when all others are planned.

    Raises SignatureError.
    """
    reads = [step for step in steps if isinstance(step, Read) and step.channel is not None]
    if not reads:
        return tuple(steps)
    names = [*path_names, *(name for name in endpoint.outer_path if name not in path_names)]
    types = {
        step.keys[0]: step.annotation for step in reversed(steps) if isinstance(step, Read) and step.source == PATH
    }
    convertors = {name: convertor for name, convertor, *_ in parameters_in(endpoint.path)}
    streams_events = not endpoint.socket and reply.kind is EVENTS
    changed: dict[str, Read] = {}
    for read in reads:
        assert read.channel is not None
        placeholders = tuple(
            Placeholder(name, names.index(name), types.get(name, _BY_CONVERTOR.get(convertors.get(name, ""), str)))
            for name in _placeholders_of(read, endpoint, names)
        )
        spec = replace(
            read.channel,
            placeholders=placeholders,
            streams_events=streams_events,
            resumes=streams_events and read.channel.resume,
            on_missed=read.channel.on_missed or ("close" if endpoint.socket else "continue"),
        )
        changed[read.into] = replace(read, channel=spec)
    _check_resumable([read for read in changed.values() if read.channel is not None and read.channel.resumes], endpoint)
    return tuple(changed.get(step.into, step) if isinstance(step, Read) else step for step in steps)


def _placeholders_of(read: Read, endpoint: Endpoint, names: Sequence[str]) -> list[str]:
    where = location_of(endpoint.function)
    template = read.keys[0]
    try:
        found = list(dict.fromkeys(part for part, is_name in parts_of(template) if is_name))
    except TopicSyntaxError as exc:
        raise channel_errors.invalid_topic(where, read.name, template, str(exc)) from None
    for each in found:
        if each not in names:
            raise channel_errors.unknown_placeholder(where, read.name, each, template, endpoint.path, names)
    return found


def _check_resumable(reads: Sequence[Read], endpoint: Endpoint) -> None:
    """Raises SignatureError for channels of several topics that would all start after one id."""
    topics = {read.keys[0]: read for read in reads}
    if len(topics) > 1:
        first, second, *_ = topics.values()
        raise channel_errors.several_resumable_channels(location_of(endpoint.function), first.name, second.name)


def resumes(steps: Sequence[Step]) -> bool:
    """Whether the endpoint streams the messages of a channel that starts after `Last-Event-ID`."""
    return any(isinstance(step, Read) and step.channel is not None and step.channel.resumes for step in steps)
