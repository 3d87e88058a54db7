"""The stream of a parameter: the type of its items, their formats and their limits."""

from dataclasses import replace

from signette.declarative.checks.constraints import check_constraints
from signette.declarative.checks.models import check_models
from signette.declarative.checks.sendable import check_sendable
from signette.declarative.checks.streams import check_items, formats_of, item_of
from signette.declarative.errors import streams as stream_errors
from signette.declarative.signature.annotations import metadata_of
from signette.declarative.signature.items import Items
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.body import BODY
from signette.declarative.streams.spec import StreamSpec


def item_parameter(parameter: Parameter, where: SourceLocation) -> Parameter:
    """A parameter with the type of the items of a stream, which is checked as that of a JSON body.

    Raises SignatureError.
    """
    item = replace(parameter, annotation=item_of(parameter, where), declaration=None)
    check_models(item, BODY, where)
    check_constraints(item, where)
    return item


def stream_of(parameter: Parameter, item: Parameter, where: SourceLocation) -> StreamSpec:
    """The stream that a parameter declares. pydantic has a schema for the type of its items.

    Raises SignatureError.
    """
    name = parameter.name
    options = [each for each in metadata_of(parameter.annotation) if isinstance(each, Items)]
    if len(options) > 1:
        raise stream_errors.several_items(where, name)
    items = options[0] if options else Items()
    check_items(items, name, where)
    check_sendable(item, BODY, "json", where)
    found = formats_of(items, item.annotation, name, where)
    return StreamSpec(item.annotation, tuple(dict.fromkeys(found.values())), tuple(found), items)
