"""pydantic models as source."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_type_hints

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from signette.client.generate.annotations import annotation_source
from signette.client.generate.errors import GenerationError
from signette.client.generate.fields import HINT, default_source, field_line, located, location_of, read_only_field
from signette.client.generate.layout import docstring, statement
from signette.client.generate.scope import Scope, importable
from signette.client.generate.values import call_of, value_source
from signette.declarative.signature.annotations import strip_annotated

__all__ = ["class_source", "config_source", "doc_of", "model_source"]

# They change how the application reads models, but not what clients send and get.
DROPPED = frozenset({
    "alias_generator", "field_title_generator", "model_title_generator", "use_attribute_docstrings", "ignored_types",
    "plugin_settings", "schema_generator", "defer_build", "from_attributes", "hide_input_in_errors", "cache_strings",
    "validate_assignment", "revalidate_instances", "populate_by_name",
})  # fmt: skip


def model_source(model: type[BaseModel], scope: Scope, inputs: frozenset[Any]) -> str:
    """A model: its docstring, configuration and fields. Methods, properties and validators are left out.

    Raises:
        GenerationError: a part of it has no source.
    """
    if not model.__pydantic_complete__:
        model.model_rebuild(raise_errors=False)  # resolves names that were defined later
    check_serializers(model, {name: info.annotation for name, info in model.model_fields.items()})
    base = _base_of(model)
    with scope.eagerly():
        bases = [_root_base(model, scope) if base is None else scope.defined(base)]
        is_recursive = issubclass(model, RootModel) and scope.refers_to_itself
        if model.__pydantic_generic_metadata__["parameters"] and base is None:
            variables = ", ".join(map(scope.defined, model.__pydantic_generic_metadata__["parameters"]))
            bases.append(f"{scope.imported('typing', 'Generic')}[{variables}]")
        config = _config_of(model, base, scope)
    fields = [
        _model_field(model, name, info, scope)
        for name, info in _own_fields(model, base)
        if not (issubclass(model, RootModel) and _is_plain(info) and not is_recursive)
    ]
    for name, computed in _computed(model, base):
        info = computed.info
        doc = info.description or ""
        fields.append(
            read_only_field(info.alias or name, info.return_type, scope, model, doc, is_input=model in inputs)
        )
    return class_source(scope.defined(model), bases, doc_of(model), ([config] if config else []), fields)


def check_serializers(cls: Any, types: Mapping[str, Any]) -> None:
    """Raise GenerationError for code of the application that changes the JSON of a class. `types` are its fields'."""
    decorators = cls.__pydantic_decorators__
    for name, found in decorators.field_serializers.items():
        made = _return_type(found.func)
        for field in types.keys() if "*" in found.info.fields else found.info.fields:
            if made is not None and made != strip_annotated(types.get(field)):
                raise GenerationError(f"{location_of(cls)}.{field}", f"the serializer `{name}` has no source", HINT)
    for name in decorators.model_serializers:
        raise GenerationError(location_of(cls), f"the serializer `{name}` has no source", HINT)
    owners = [each for each in cls.__mro__ if importable(each) is None]
    if any("__get_pydantic_core_schema__" in vars(each) for each in owners):
        raise GenerationError(location_of(cls), "its own core schema has no source", HINT)


def _return_type(function: Any) -> Any:
    """The annotated type of a result; None without an annotation: pydantic then keeps the field's JSON Schema."""
    try:
        return get_type_hints(getattr(function, "__func__", function)).get("return")
    except NameError:
        return Any


def class_source(
    name: str, bases: Iterable[str], doc: str, config: Iterable[str], fields: Iterable[str], decorator: str = ""
) -> str:
    """A class with these parts."""
    head = f"class {name}({', '.join(bases)}):" if bases else f"class {name}:"
    parts = [docstring(doc, 4)] if doc else []
    parts += ["\n".join(config)] if config else []
    lines = list(fields)
    parts += ["\n".join(lines)] if lines else []
    body = "\n\n".join(parts) or "    pass"
    return f"{decorator}{chr(10) if decorator else ''}{head}\n{body}\n"


def doc_of(cls: Any) -> str:
    """The docstring of the class itself."""
    doc = vars(cls).get("__doc__")
    return inspect.cleandoc(doc) if isinstance(doc, str) else ""


def _base_of(model: type[BaseModel]) -> type[BaseModel] | None:
    """The model that it inherits from, if it has one of the application's; otherwise its fields are written out."""
    if issubclass(model, RootModel):
        return None
    bases = [each for each in model.__bases__ if issubclass(each, BaseModel)]
    if len(bases) != 1 or bases[0] is BaseModel or importable(bases[0]):
        return None
    base = bases[0]
    if base.__pydantic_generic_metadata__["origin"] or base.__pydantic_generic_metadata__["parameters"]:
        return None
    if list(model.model_fields)[: len(base.model_fields)] != list(base.model_fields):
        return None
    return base


def _own_fields(model: type[BaseModel], base: type[BaseModel] | None) -> list[tuple[str, FieldInfo]]:
    inherited = {} if base is None else base.model_fields
    own = inspect.get_annotations(model)
    return [
        (name, info)
        for name, info in model.model_fields.items()
        if name in own or name not in inherited or repr(info) != repr(inherited[name])
    ]


def _computed(model: type[BaseModel], base: type[BaseModel] | None) -> list[tuple[str, Any]]:
    inherited = {} if base is None else base.__pydantic_decorators__.computed_fields
    return [
        (name, each) for name, each in model.__pydantic_decorators__.computed_fields.items() if name not in inherited
    ]


def _root_base(model: type[BaseModel], scope: Scope) -> str:
    if not issubclass(model, RootModel):
        return scope.imported("pydantic", "BaseModel")
    info = model.model_fields["root"]
    name = scope.imported("pydantic", "RootModel")
    scope.refers_to_itself = False
    with located(location_of(model)):
        root = annotation_source(info.annotation, scope)
    if scope.refers_to_itself:  # a tree: `root: dict[str, Tree]` is evaluated later
        root = scope.imported("typing", "Any")
    return f"{name}[{root}]"


def _is_plain(info: FieldInfo) -> bool:
    """Whether the type says all about the field."""
    annotation: Any = info.annotation
    return repr(info) == repr(FieldInfo.from_annotation(annotation))


def _model_field(model: type[BaseModel], name: str, info: FieldInfo, scope: Scope) -> str:
    generator: Callable[[str, Any], str] | None = model.model_config.get("field_title_generator")
    if generator is not None and info.title is None:
        info = FieldInfo.merge_field_infos(info, title=generator(name, info))
    with located(f"{location_of(model)}.{name}"), scope.eagerly():
        default = default_source(info, scope)
    return field_line(name, info.annotation, scope, model, info, default)


def _config_of(model: type[BaseModel], base: type[BaseModel] | None, scope: Scope) -> str:
    inherited: dict[str, Any] = {} if base is None else dict(base.model_config)
    config = {name: value for name, value in model.model_config.items() if inherited.get(name) != value}
    title = _title_of(model, scope)
    if title:
        config["title"] = title
    has_alias = any(info.alias or info.validation_alias for info in model.model_fields.values())
    if model.model_config.get("populate_by_name") or (has_alias and "validate_by_name" not in model.model_config):
        config["populate_by_name"] = True  # so that a program can use the fields' names
        if inherited.get("populate_by_name"):
            del config["populate_by_name"]
    text = config_source(config, scope, location_of(model))
    return statement(f"model_config = {text}", 4) if text else ""


def _title_of(model: type[BaseModel], scope: Scope) -> str | None:
    given = model.model_config.get("title")
    if given is not None:
        return given
    generator: Callable[[Any], str] | None = model.model_config.get("model_title_generator")
    if generator is not None:
        return generator(model)
    if scope.defined(model) != model.__name__:  # renamed, as another class of the module has its name
        return model.__name__
    return None


def config_source(config: dict[str, Any], scope: Scope, location: str) -> str:
    """`ConfigDict(...)`; "" if nothing of it matters to clients."""
    options = {}
    for name, value in sorted(config.items()):
        if name in DROPPED and not (name == "populate_by_name" and value):
            continue
        if name == "json_schema_extra" and (callable(value) or value is None):
            continue
        with located(f"{location}: `model_config`, `{name}=`"):
            options[name] = value_source(value, scope)
    return call_of(scope.imported("pydantic", "ConfigDict"), (), options) if options else ""


def variable_source(variable: Any, scope: Scope) -> str:
    """The line of a type variable."""
    args = [value_source(variable.__name__, scope)]
    options = {}
    with scope.eagerly():
        args += [annotation_source(each, scope) for each in variable.__constraints__]
        if variable.__bound__ is not None:
            options["bound"] = annotation_source(variable.__bound__, scope)
    return statement(f"{scope.defined(variable)} = {call_of(scope.imported('typing', 'TypeVar'), args, options)}")
