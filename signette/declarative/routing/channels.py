"""`App.channel`: channels outside of requests."""

from collections.abc import Mapping
from typing import Any, TypeVar, overload

from signette.declarative.channels.channel import Channel
from signette.declarative.plan.channels import channel_outside
from signette.declarative.signature.topics import OnMissed

T = TypeVar("T")


class Channels:
    """The method of an application that returns the channel of a topic."""

    @overload
    def channel(
        self, item: type[T], topic: str, *, on_missed: OnMissed = "continue", values: Mapping[str, Any] | None = None
    ) -> Channel[T]: ...
    @overload
    def channel(
        self, item: Any, topic: str, *, on_missed: OnMissed = "continue", values: Mapping[str, Any] | None = None
    ) -> Channel[Any]: ...
    def channel(
        self, item: Any, topic: str, *, on_missed: OnMissed = "continue", values: Mapping[str, Any] | None = None
    ) -> Channel[Any]:
        """The channel of a topic, to publish outside of requests: `await app.channel(Notice, "notices").publish(...)`.

        `item` is the type of the messages. `values` fill the names in braces: `channel(Notice, "notices/{user_id}",
        values={"user_id": 7})`.

        Raises:
            SignatureError: the messages cannot be read by subscribers, or the topic is invalid.
            ValueError: a name in the topic has no value.
        """
        return channel_outside(self, item, topic, values or {}, on_missed)
