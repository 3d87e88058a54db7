"""Definitions as source: models, dataclasses, TypedDicts, named tuples, enums, problems, aliases, new types."""

import dataclasses
import enum
from collections.abc import Callable
from typing import Any, ClassVar, NewType, TypeVar, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from signette.client.generate.annotations import annotation_source
from signette.client.generate.errors import GenerationError
from signette.client.generate.fields import HINT, factory_source, field_line, is_name, located, location_of, typed_value
from signette.client.generate.layout import statement
from signette.client.generate.models import (
    check_serializers,
    class_source,
    config_source,
    doc_of,
    model_source,
    variable_source,
)
from signette.client.generate.scope import Definition, Scope, importable
from signette.client.generate.values import call_of, string_source, value_source
from signette.declarative.signature.annotations import alias_value, is_alias, is_typed_dict
from signette.problems import Problem, member_types

__all__ = ["definition_source"]


def definition_source(definition: Definition, scope: Scope, inputs: frozenset[Any]) -> str:
    """The source of a definition. `inputs` are the models that clients send.

    Raises:
        GenerationError: a part of it has no source.
    """
    target = definition.target
    with scope.printing(definition):
        if isinstance(target, TypeVar):
            return variable_source(target, scope)
        if isinstance(target, NewType):
            return _new_type_source(target, scope)
        if is_alias(target):
            return _alias_source(target, scope)
        if issubclass(target, BaseModel):
            return model_source(target, scope, inputs)
        return _writer_of(target)(target, scope)


def _writer_of(cls: Any) -> Callable[[Any, Scope], str]:
    if issubclass(cls, enum.Enum):
        return _enum_source
    if issubclass(cls, Problem):
        return _problem_source
    if dataclasses.is_dataclass(cls):
        return _dataclass_source
    return _typed_dict_source if is_typed_dict(cls) else _named_tuple_source


def _new_type_source(target: Any, scope: Scope) -> str:
    with located(location_of(target)), scope.eagerly():
        base = annotation_source(target.__supertype__, scope)
    args = [string_source(scope.defined(target)), base]
    return statement(f"{scope.defined(target)} = {call_of(scope.imported('typing', 'NewType'), args)}")


def _alias_source(target: Any, scope: Scope) -> str:
    """`TypeAliasType(...)`: the statement `type` needs Python 3.12. The value is text, so that it may be recursive."""
    with located(location_of(target)):
        value = annotation_source(alias_value(target), scope)
    name = scope.defined(target)
    options = {}
    with scope.eagerly():
        variables = [scope.defined(each) for each in target.__type_params__]
    if variables:
        options["type_params"] = f"({', '.join(variables)}{',' if len(variables) == 1 else ''})"
    call = call_of(
        scope.imported("typing_extensions", "TypeAliasType"), [string_source(name), string_source(value)], options
    )
    return statement(f"{name} = {call}")


def _enum_source(cls: type[enum.Enum], scope: Scope) -> str:
    location = location_of(cls)
    with scope.eagerly():
        bases = [_enum_base(each, scope, location) for each in cls.__bases__ if each is not object]
    lines = []
    for name, member in cls.__members__.items():
        with located(f"{location}.{name}"), scope.eagerly():
            lines.append(statement(f"{name} = {value_source(member.value, scope)}", 4))
    return class_source(scope.defined(cls), bases, doc_of(cls), [], lines)


def _enum_base(base: type, scope: Scope, location: str) -> str:
    home = importable(base)
    if home is not None:
        return scope.builtin(home[1]) if home[0] == "builtins" else scope.imported(*home)
    plain = [each for each in base.__mro__ if importable(each) and issubclass(each, enum.Enum)]
    if plain and not (issubclass(base, enum.Enum) and base.__members__):
        return scope.imported(*(importable(plain[0]) or ("enum", "Enum")))
    raise GenerationError(location, f"its base `{base.__name__}` has no source", HINT)


def _hints_of(cls: Any) -> dict[str, Any]:
    try:
        return get_type_hints(cls, include_extras=True)
    except NameError as exc:
        raise GenerationError(location_of(cls), f"the name `{exc.name}` is not defined in its module", HINT) from None


def _variables(cls: Any, scope: Scope) -> list[str]:
    """`Generic[T]`, for the type variables of a class."""
    variables = getattr(cls, "__parameters__", ())
    if not variables:
        return []
    return [f"{scope.imported('typing', 'Generic')}[{', '.join(map(scope.defined, variables))}]"]


def _dataclass_source(cls: Any, scope: Scope) -> str:
    infos: dict[str, FieldInfo] = vars(cls).get("__pydantic_fields__", {})
    hints = _hints_of(cls)
    if hasattr(cls, "__pydantic_decorators__"):
        check_serializers(cls, hints)
    params = cls.__dataclass_params__
    fields = [each for each in cls.__dataclass_fields__.values() if get_origin(hints[each.name]) is not ClassVar]
    all_by_keyword = bool(fields) and all(each.kw_only for each in fields)
    options = {"frozen": "True"} if params.frozen else {}
    options |= {"order": "True"} if params.order else {}
    options |= {"kw_only": "True"} if all_by_keyword else {}
    with scope.eagerly():
        is_pydantics = hasattr(cls, "__pydantic_decorators__")
        decorator = scope.imported("pydantic.dataclasses" if is_pydantics else "dataclasses", "dataclass")
        config = config_source(dict(getattr(cls, "__pydantic_config__", None) or {}), scope, location_of(cls))
        if config and is_pydantics:
            options["config"] = config
        bases = _variables(cls, scope)
    lines = [_dataclass_field(cls, each, hints[each.name], infos, scope, all_by_keyword) for each in fields]
    doc = "" if doc_of(cls).startswith(f"{cls.__name__}(") else doc_of(cls)
    call = statement(call_of(decorator, (), options)) if options else decorator
    head = f"@{call}"
    if config and not is_pydantics:
        head = f"@{scope.imported('pydantic', 'with_config')}({config})\n{head}"
    return class_source(scope.defined(cls), bases, doc, [], lines, head)


def _dataclass_field(cls: Any, field: Any, hint: Any, infos: dict[str, FieldInfo], scope: Scope, is_kw: bool) -> str:
    info = infos.get(field.name)
    if info is None and isinstance(field.default, FieldInfo):
        info = field.default
    annotation = hint if info is None or info.annotation is None or field.name not in infos else info.annotation
    default, factory = field.default, field.default_factory
    if isinstance(default, FieldInfo):
        default = dataclasses.MISSING if default.is_required() else default.default
        factory = info.default_factory or dataclasses.MISSING if info is not None else factory
        default = dataclasses.MISSING if factory is not dataclasses.MISSING else default
    options = {}
    with located(f"{location_of(cls)}.{field.name}"), scope.eagerly():
        if factory is not dataclasses.MISSING:
            options["default_factory"] = factory_source(factory, annotation, scope)
        elif default is not dataclasses.MISSING:
            options["default"] = typed_value(default, annotation, scope)
    if not field.init:
        options["init"] = "False"
    if field.kw_only and not is_kw:
        options["kw_only"] = "True"
    if options.keys() == {"default"}:
        value = options["default"]
    else:
        value = call_of(scope.imported("dataclasses", "field"), (), options) if options else ""
    return field_line(field.name, annotation, scope, cls, info, value)


def _typed_dict_source(cls: Any, scope: Scope) -> str:
    hints = _hints_of(cls)
    config = config_source(dict(getattr(cls, "__pydantic_config__", None) or {}), scope, location_of(cls))
    with scope.eagerly():
        bases = [scope.imported("typing_extensions", "TypedDict"), *_variables(cls, scope)]
    name = scope.defined(cls)
    lines, items = [], []
    for key, given in hints.items():
        hint, required = _unqualified(given, key in cls.__required_keys__)
        qualifier = "" if required else scope.imported("typing", "NotRequired")
        with located(f"{location_of(cls)}.{key}"):
            text = annotation_source(hint, scope)
        text = f"{qualifier}[{text}]" if qualifier else text
        items.append(f"{string_source(key)}: {string_source(text)}")
        if is_name(key):
            scope.members.add(key)
            lines.append(statement(f"{key}: {text}", 4))
    if len(lines) < len(items):  # a key is not a name in Python
        return statement(f"{name} = {bases[0]}({string_source(name)}, {{{', '.join(items)}}})")
    decorator = f"@{scope.imported('pydantic', 'with_config')}({config})" if config else ""
    return class_source(name, bases, doc_of(cls), [], lines, decorator)


def _unqualified(hint: Any, required: bool) -> tuple[Any, bool]:
    """The type of a key without `Required` and `NotRequired`, and whether it is required."""
    while (name := getattr(get_origin(hint), "_name", "")) in {"Required", "NotRequired", "ReadOnly"}:
        required = {"Required": True, "NotRequired": False}.get(name, required)
        hint = hint.__args__[0]
    return hint, required


def _named_tuple_source(cls: Any, scope: Scope) -> str:
    hints = _hints_of(cls)
    with scope.eagerly():
        bases = [scope.imported("typing", "NamedTuple"), *_variables(cls, scope)]
    lines = []
    for name in cls._fields:
        value = ""
        if name in cls._field_defaults:
            with located(f"{location_of(cls)}.{name}"), scope.eagerly():
                value = typed_value(cls._field_defaults[name], hints.get(name, Any), scope)
        lines.append(field_line(name, hints.get(name, Any), scope, cls, None, value))
    doc = "" if doc_of(cls).startswith(f"{cls.__name__}(") else doc_of(cls)
    return class_source(scope.defined(cls), bases, doc, [], lines)


def _problem_source(cls: type[Problem], scope: Scope) -> str:
    """A problem: what identifies it, and its members with their types."""
    class_variable = scope.imported("typing", "ClassVar")
    facts = [
        f"    status: {class_variable}[{scope.builtin('int')}] = {cls.status}",
        f"    type: {class_variable}[{scope.builtin('str')}] = {string_source(cls.type)}",
        f"    title: {class_variable}[{scope.builtin('str')}] = {string_source(cls.title)}",
    ]
    scope.members.update(("status", "type", "title", "detail"))
    lines = []
    for name, hint in member_types(cls).items():
        value = ""
        if hasattr(cls, name):
            with located(f"{location_of(cls)}.{name}"), scope.eagerly():
                value = typed_value(getattr(cls, name), hint, scope)
        lines.append(field_line(name, hint, scope, cls, None, value))
    return class_source(scope.defined(cls), [scope.imported("", "Problem")], doc_of(cls), facts, lines)
