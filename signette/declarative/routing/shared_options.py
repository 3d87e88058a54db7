"""What a router, or an `include_router` call, adds to its routes: a prefix, dependencies and options."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from signette.declarative.errors.base import closest_match
from signette.declarative.formats.options import SharedOption, formats_in
from signette.declarative.inspection.option_origins import DeclaredOptions, OptionDeclaration, declarations_of
from signette.declarative.policies.entries import shared
from signette.declarative.routing.deprecation import apply_deprecated, declares_deprecated
from signette.declarative.routing.option_checks import check_shared_options
from signette.declarative.routing.options import RouteOptions, RouterOptions, copied
from signette.declarative.routing.policy_switches import apply_policy_switches
from signette.declarative.routing.router_stack import RouterStack
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.executors import SharedExecutor
from signette.declarative.sources.encodings import SharedEncodings
from signette.declarative.sources.operation_limits import named_form_limits
from signette.limits import max_body_size_of


class SharedOptions(NamedTuple):
    """What a router, or an `include_router` call, adds to its routes: prefix, dependencies, options and middleware."""

    prefix: str
    dependencies: tuple[Dependency, ...]
    options: RouteOptions
    stacks: tuple[RouterStack, ...] = ()
    """Those of the routers that the routes are included by."""


def check_option_names(options: RouterOptions, other_names: Iterable[str]) -> None:
    """Reject unknown arguments. Raises TypeError with the closest router option or other name."""
    for name in options.keys() - RouterOptions.__annotations__.keys():
        near = closest_match(name, [*RouterOptions.__annotations__, *other_names])
        raise TypeError(f"unexpected argument `{name}=`" + (f"; did you mean `{near}=`?" if near else ""))


def shared_options(arguments: RouterOptions, owner: str) -> SharedOptions:
    """Check and copy the arguments of a router. None counts as not given. Limits name their `owner`.

    Raises:
        TypeError: an unknown argument, or a value of the wrong type.
        ValueError: the prefix does not start with a slash, or ends with one.
    """
    check_option_names(arguments, ())
    check_shared_options(arguments)
    options: dict[str, Any] = {name: copied(value) for name, value in arguments.items() if value is not None}
    prefix, dependencies = options.pop("prefix", ""), options.pop("dependencies", ())
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        hint = f"write '/{inner}'" if (inner := prefix.strip("/")) else "remove it"
        raise ValueError(f"prefix {prefix!r} must start with a slash and must not end with one; {hint}")
    if "version" in options:
        prefix = f"/{options['version']}{prefix}"
    if "max_body_size" in options:
        options["max_body_size"] = max_body_size_of(owner, options["max_body_size"])
    if "request_encodings" in options:
        options["request_encodings"] = SharedEncodings(options["request_encodings"])
    if "form_limits" in options:
        options["form_limits"] = named_form_limits(options["form_limits"], owner)
    place = f"{owner.replace('the ', '').strip('`')} {prefix}".strip()
    options |= _where_they_can_apply(arguments, place)
    if owner == "the application" and options.get("deprecated") is False:
        del options["deprecated"]  # the default
    apply_deprecated(options, "a router, an application or `include_router`")
    apply_policy_switches(options, "a router, an application or `include_router`")
    if "policies" in options:
        options["policies"] = shared(options["policies"], place)
    if "executor" in options:
        options["executor"] = SharedExecutor(options["executor"], place)
    if options.get("include_in_schema", False):
        del options["include_in_schema"]  # the default
    declared = DeclaredOptions.of(options, *declarations_of(options, place))
    return SharedOptions(prefix, tuple(dependencies), cast(RouteOptions, declared))


def _where_they_can_apply(arguments: Mapping[str, Any], owner: str) -> dict[str, SharedOption]:
    """The options that hold for the operations to which they can apply. None removes formats and envelopes of outer
    ones, and counts as not given for `tool=`."""
    found = {name: arguments[name] for name in ("renders", "envelope") if name in arguments}
    if found.get("renders") is not None:
        found["renders"] = formats_in(found["renders"])
    if arguments.get("tool") is not None:
        found["tool"] = arguments["tool"]
    return {name: SharedOption(value, owner) for name, value in found.items()}


class HasSharedOptions:
    """Attributes of a router for the arguments that it was made with. The lists are copies."""

    shared: SharedOptions

    def explain_also(self, options: Mapping[str, Any]) -> None:
        """Let `explain` show options that are not those of each route: the application handles them itself."""
        own: Any = self.shared.options
        declaration = OptionDeclaration("application", {**options, **own})
        self.shared = self.shared._replace(options=cast(RouteOptions, DeclaredOptions.of(own, declaration)))

    @property
    def prefix(self) -> str:
        """The prefix of all paths."""
        return self.shared.prefix

    @property
    def dependencies(self) -> list[Dependency]:
        """The dependencies of all routes."""
        return list(self.shared.dependencies)

    @property
    def tags(self) -> list[Any]:
        """The tags of all operations."""
        return list(self.shared.options.get("tags", ()))

    @property
    def responses(self) -> dict[Any, Mapping[str, Any]]:
        """The additional responses of all operations."""
        return dict(cast(Mapping[Any, Mapping[str, Any]], self.shared.options.get("responses", {})))

    def _encodings(self) -> Sequence[str]:
        """The encodings in which clients may compress request bodies."""
        return tuple(self.shared.options.get("request_encodings") or ())

    @property
    def callbacks(self) -> list[Any]:
        """The callbacks of all operations."""
        return list(self.shared.options.get("callbacks") or ())

    @property
    def deprecated(self) -> bool | None:
        """Whether all operations are deprecated; None if that is not declared."""
        if declares_deprecated(self.shared.options.get("policies") or ()):
            return True
        deprecated: Any = self.shared.options.get("deprecated")
        return None if deprecated is None else bool(deprecated)

    @property
    def include_in_schema(self) -> bool:
        """Whether the operations are in the OpenAPI document."""
        return self.shared.options.get("include_in_schema", True)

    @property
    def default_response_class(self) -> type[Any] | None:
        """The response class of routes without their own."""
        options: Mapping[str, Any] = self.shared.options
        return options.get("default_response_class")

    @property
    def generate_unique_id_function(self) -> Callable[[Any], str] | None:
        """The function that makes operation ids."""
        return self.shared.options.get("generate_unique_id_function")


def joined(prefix: str, path: str) -> str:
    """The path of a route below a prefix. Raises ValueError if it does not start with a slash."""
    if path and not path.startswith("/"):
        raise ValueError(f"path {path!r} must start with a slash; write '/{path}'")
    return prefix + path
