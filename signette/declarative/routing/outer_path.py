"""Path parameters of what is around a route: the mounts and hosts of its router.

A prefix of `include_router` makes a new route, whose path is whole. Below a mount the path of a route is only the rest,
and the mount puts its parameters into the scope. Such a route is planned when the application knows its mounts, at the
latest when it starts. Its binder gets the texts of the rest first, then those that the mounts have matched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from signette.convertors import CONVERTOR_TYPES, Convertor, text_of
from signette.declarative.binding.binder import Binder
from signette.declarative.errors.base import UnknownPathParameter
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Read
from signette.declarative.sources.path import PATH
from signette.routing.matching import parameters_in
from signette.types import Receive, Scope, Send

OuterPath = Mapping[str, Convertor[Any]]


def below(endpoint: Endpoint, outer_path: OuterPath) -> Endpoint:
    """The endpoint with the path parameters that it reads of the mounts and hosts around it.

    Raises SignatureError.
    """
    own = {parameter.name for parameter in parameters_in(endpoint.path)}
    inner = {name: each for name, each in outer_path.items() if name not in own}
    plan = plan_endpoint(replace(endpoint, outer_path=inner))
    reads = [read for read in plan.reads if isinstance(read, Read)]
    used = {key for read in reads if read.source == PATH for key in read.keys}
    used |= {each.name for read in reads if read.channel is not None for each in read.channel.placeholders}
    return replace(endpoint, outer_path={name: each for name, each in inner.items() if name in used})


def is_part_of(one: OuterPath, other: OuterPath) -> bool:
    """Whether all parameters of the one are in the other, with the same convertors."""
    return all(other.get(name) is convertor for name, convertor in one.items())


def check_below_any_path(endpoint: Endpoint, error: UnknownPathParameter) -> None:
    """Find other errors than unknown path parameters at once. Raises SignatureError."""
    assumed: dict[str, Convertor[Any]] = {}
    while True:
        assumed |= dict.fromkeys(error.names, CONVERTOR_TYPES["str"])
        try:
            plan_endpoint(replace(endpoint, outer_path=assumed))
        except UnknownPathParameter as another:
            error = another
        else:
            return


def with_outer_values(binder: Binder, endpoint: Endpoint) -> Binder:
    """The binder with the texts of mounts and hosts after those of the route."""
    convertors = tuple(endpoint.outer_path.items())
    if not convertors:
        return binder

    async def with_texts(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
        params = scope["path_params"]
        texts = (text_of(convertor, params[name]) for name, convertor in convertors)
        await binder(scope, receive, send, (*values, *texts))

    return with_texts


def without_outer_values(populate: Callable[[Scope, Any], None], endpoint: Endpoint) -> Callable[[Scope, Any], None]:
    """Populate a scope with the texts of the route only: a mount has populated it with its own."""
    count = len(endpoint.outer_path)
    return (lambda scope, values: populate(scope, values[:-count])) if count else populate
