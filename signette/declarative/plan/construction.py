"""Dependencies that are classes with validation: pydantic models and dataclasses, dataclasses with `__post_init__`.

Their parameters are read from the request one by one, each validated by its own type. If the class itself rejects them
(by a validator of a field or of the model, or a ValueError in `__post_init__`), the error entry of the 422 is located
at the parameter.
"""

import dataclasses
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, get_origin

from signette._dataclasses import dataclass
from signette.declarative.adapters.error_entries import as_validation_error, model_errors
from signette.declarative.fields.class_fields import init_fields
from signette.declarative.plan.steps import Argument, Read
from signette.declarative.signature.defaults import ABSENT
from signette.declarative.signature.model import Parameter
from signette.error_entries import pointer_of
from signette.exceptions import ErrorEntry

# Exceptions of validators. pydantic's `ValidationError` is a ValueError.
REJECTIONS = (ValueError, AssertionError)


@dataclass(frozen=True, slots=True)
class Sent:
    """Where an argument was read: its source, its name there, and its location in a JSON body."""

    place: str
    name: str | None
    steps: tuple[str, ...] = ()
    default: Any = ABSENT


@dataclass(frozen=True, slots=True)
class Constructor:
    """Calls a class by keywords, without the arguments that its default factories make."""

    cls: Any
    names: tuple[str, ...]
    """The parameters."""
    keywords: tuple[str, ...]
    """The keyword of each parameter."""

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.Signature([inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in self.names])

    def __call__(self, *values: Any, **named: Any) -> Any:
        given = dict(zip(self.keywords, values, strict=False))
        given |= {self.keywords[self.names.index(name)]: each for name, each in named.items()}
        return self.cls(**{keyword: each for keyword, each in given.items() if each is not ABSENT})


def constructor_of(target: Any, arguments: Sequence[Argument]) -> Constructor:
    """The constructor of a class that is called with these arguments."""
    names, keywords = tuple(each.name for each in arguments), _keywords_of(target)
    return Constructor(target, names, tuple(keywords.get(name, name) for name in names))


def called(target: Any, parameters: Sequence[Parameter], arguments: Sequence[Argument]) -> Any:
    """What to call for a class: itself, unless an argument may be omitted or has another keyword."""
    is_plain = all(name == keyword for name, keyword in _keywords_of(target).items())
    makes_some = any(each.default is ABSENT for each in parameters)
    return target if is_plain and not makes_some else constructor_of(target, arguments)


def _keywords_of(target: Any) -> dict[str, str]:
    fields = init_fields(target) if inspect.isclass(target) else {}
    return {name: each.keyword for name, each in fields.items()}


@dataclass(frozen=True, slots=True)
class Construction:
    """Makes error entries of the exception that a class raised."""

    call: Constructor
    sent: Mapping[str, Sent]
    """The arguments that were read from the request, by parameter."""

    @property
    def names_of_steps(self) -> dict[str, str]:
        """The parameters by the first step of the locations of pydantic: a keyword, a name, or a position."""
        names = self.call.names
        found = {f"{place}": name for place, name in enumerate(names)} | {name: name for name in names}
        return found | dict(zip(self.call.keywords, names, strict=True))

    def again(self, exc: Exception, *values: Any) -> tuple[Any, list[ErrorEntry]]:
        """Try again without the defaults. Returns the object, or the errors of the values that were sent.

        Raises the exception again if it is not about such a value.
        """
        given = dict(zip(self.call.names, values, strict=True))
        # A class does not validate its own defaults, but here they were passed as arguments.
        own = [name for name, each in self.sent.items() if _is_default(given[name], each.default)]
        if own:
            try:
                return self.call(**{name: each for name, each in given.items() if name not in own}), []
            except REJECTIONS as rejected:
                exc = rejected
        found = self.entries(exc, given)
        if not found:
            raise exc
        return None, found

    def entries(self, exc: Exception, given: Mapping[str, Any]) -> list[ErrorEntry]:
        names = self.names_of_steps
        values: dict[Any, Any] = {step: given[name] for step, name in names.items()}
        values |= dict(enumerate(given.values()))
        found = model_errors(as_validation_error(exc), next(iter(self.sent.values())).place, names, values)
        return [self.located(entry) for entry in found if "name" not in entry or entry["name"] in self.sent]

    def located(self, entry: ErrorEntry) -> ErrorEntry:
        if "name" not in entry:
            return entry
        made: Any = dict(entry)
        sent = self.sent[made.pop("name")]
        pointer = pointer_of(sent.steps) + made.pop("pointer", "")
        where = {"in": sent.place} | ({"name": sent.name} if sent.name is not None else {})
        if pointer or sent.name is None:
            where["pointer"] = pointer
        return where | {key: each for key, each in made.items() if key != "in"}  # type: ignore[return-value]


def _is_default(value: Any, default: Any) -> bool:
    return value is default or (default is not ABSENT and type(value) is type(default) and bool(value == default))


def validates(target: Any) -> bool:
    """Whether a class validates its arguments."""
    cls: Any = get_origin(target) or target
    return hasattr(cls, "__pydantic_fields__") or (dataclasses.is_dataclass(cls) and hasattr(cls, "__post_init__"))


def sent_arguments(
    arguments: Sequence[Argument], reads: Mapping[str, Read], members: Mapping[str, str]
) -> dict[str, Sent]:
    """Where the arguments were read that are values of the request.

    `members` maps variables to the members of the JSON body that they hold.
    """
    found = {}
    for each in arguments:
        read = reads.get(each.value)
        if each.value in members:
            found[each.name] = Sent("body", None, (members[each.value],))
        elif read is not None and read.source.checks != "never":
            found[each.name] = Sent(read.source.place, read.keys[0] if read.keys else None, (), read.default)
    return found
