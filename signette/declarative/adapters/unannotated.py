"""Results without a return annotation: a function that serializes each part by its own type, as `jsonable_encoder`."""

from collections.abc import Mapping
from typing import Any

from signette._http.json import dumps
from signette.declarative.adapters.jsonable import jsonable_encoder, members
from signette.declarative.adapters.serializers import Dump, NativeDump, NotRendered
from signette.exceptions import ResponseValidationError


def unannotated_dumper(options: Mapping[str, Any], special: tuple[type, ...] = ()) -> Dump:
    """A function from results of any type to JSON bytes. `options` are those of `jsonable_encoder`.

    The function raises NotRendered for instances of the `special` classes.
    """

    def dump_slowly(value: Any) -> bytes:
        if isinstance(value, special):
            raise NotRendered
        try:
            return dumps(jsonable_encoder(value, sqlalchemy_safe=False, **options))
        except (TypeError, ValueError, RecursionError) as exc:
            why = f"{exc}. Annotate the result with a model that names its fields"
            raise ResponseValidationError("JSON value", why, body=value) from exc

    if options:
        return dump_slowly
    return NativeDump(special, frozenset(), dump_slowly, "", jsonable=members, loose=True, whole=jsonable_encoder)
