"""The topic of a channel from its template and the values in it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from signette._http.json import dumps
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.signature.topics import parts_of


def topic_of(template: str, values: Mapping[str, Any]) -> str:
    """The topic with its placeholders filled.

    Values are percent-encoded, so that a value with a slash cannot be the topic of another template.

    Raises:
        TopicSyntaxError: the template is invalid.
        KeyError: a placeholder has no value.
    """
    return "".join(quote(text_of(values[part]), safe="") if named else part for part, named in parts_of(template))


def text_of(value: Any) -> str:
    """A value as a part of a topic: the text that it has in JSON."""
    ready = to_jsonable(value)
    return ready if isinstance(ready, str) else dumps(ready).decode()
