"""Check conditional operations: parameters with preconditions, and results with validators."""

from collections.abc import Iterable
from typing import Any

from signette._http.conditional import READS, WITHOUT_PRECONDITIONS
from signette.declarative.errors import conditional as conditional_errors
from signette.declarative.returns.events import EVENTS
from signette.declarative.returns.kind import Reply
from signette.declarative.returns.response import RESPONSE
from signette.declarative.returns.stream import CHUNKS, LINES
from signette.declarative.signature.annotations import class_of, strip_annotated, union_members
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import SourceLocation
from signette.declarative.signature.tagged import Tagged, is_tagged, tagged_content
from signette.declarative.signature.type_info import type_info
from signette.declarative.sources.injected import REQUIRED_CONDITIONAL, reads_preconditions
from signette.declarative.sources.source import Source
from signette.problems import Problem


def check_conditional(
    name: str, source: Source, location: SourceLocation, methods: Iterable[str], *, socket: bool
) -> None:
    """Reject preconditions where a request has none, or where requiring one would lock clients out."""
    if not reads_preconditions(source):
        return
    if socket:
        raise conditional_errors.conditional_in_websocket(location, name)
    every = frozenset(methods)
    if every and every <= WITHOUT_PRECONDITIONS:
        raise conditional_errors.conditional_for_method(location, name, every)
    if source == REQUIRED_CONDITIONAL and every & READS:
        raise conditional_errors.required_for_read(location, name, every & READS)


def check_tags(annotation: Any, location: SourceLocation) -> None:
    """Reject `Tagged` without a type, inside of another type, and with a problem as its content."""
    if annotation is MISSING:
        return
    if any(strip_annotated(member) is Tagged for member in union_members(annotation)):
        raise conditional_errors.tagged_without_type(location)
    if type(annotation) is type:
        return
    for member in union_members(annotation):
        content = tagged_content(member) if is_tagged(member) else member
        if any(part.cls is Tagged for part in type_info(content).walk()):
            raise conditional_errors.nested_tagged(location, annotation)
        problems = [
            each for each in map(class_of, union_members(content)) if each is not None and issubclass(each, Problem)
        ]
        if is_tagged(member) and problems:
            raise conditional_errors.tagged_problem(location, problems[0].__name__)


def check_tagged_reply(reply: Reply, location: SourceLocation) -> None:
    """Reject validators for a stream, which is sent while it is made, and for a `Response`."""
    if not reply.tagged_statuses:
        return
    if reply.kind in (CHUNKS, EVENTS, LINES):
        raise conditional_errors.tagged_stream(location, reply.annotation)
    if reply.kind is RESPONSE:
        raise conditional_errors.tagged_response(location, reply.annotation)
