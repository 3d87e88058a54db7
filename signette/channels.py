"""Channels: typed messages between requests, in all processes that share the state of an application."""

from signette.declarative.adapters.messages import InvalidMessage
from signette.declarative.channels.channel import Channel
from signette.declarative.channels.feed import Feed, MessagesMissed
from signette.declarative.signature.topics import Topic

__all__ = ["Channel", "Feed", "InvalidMessage", "MessagesMissed", "Topic"]
