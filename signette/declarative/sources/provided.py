"""Values that the application provides by the type of a parameter: its state, its jobs, and those of a running job."""

from collections.abc import Callable
from typing import Any, ClassVar

from signette._dataclasses import dataclass
from signette.declarative.errors import state as state_errors
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.type_info import Reader
from signette.declarative.sources.row import Row
from signette.state.bus import Bus
from signette.state.store import Purpose, Store
from signette.types import Scope

# The state of the application, by the method of its backend. Subclasses are not injected: the engine has its own.
STATE: dict[Any, str] = {Store: "store", Bus: "bus"}
_PURPOSE = Purpose("app")


class Provided:
    """Base class of the types whose parameters an application fills: `jobs: Jobs`.

    Such a value needs the ASGI scope and no request. So a function that is called without a request may have it, too.
    """

    only_in_jobs: ClassVar[bool] = False
    """The value belongs to a running job. Endpoints cannot have it."""

    @classmethod
    def provider(cls, annotation: Any, where: SourceLocation, name: str) -> Callable[[Scope], Any]:
        """A function from the scope to the value of a parameter.

        Raises SignatureError for an annotation that is incomplete.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class StateProvider:
    """Provides a store or a bus of the application's backend."""

    method: str
    purpose: str

    def __call__(self, scope: Scope) -> Any:
        backend = getattr(scope.get("app"), "backend", None)
        if backend is None:
            raise RuntimeError(f"an injected {self.method} needs an `App`, which has a backend")
        return getattr(backend, self.method)(self.purpose)


def provider_of(parameter: Parameter, where: SourceLocation) -> Callable[[Scope], Any]:
    """A function from the scope to the value of a parameter.

    Raises SignatureError for an annotation that is incomplete, or has two purposes.
    """
    cls: Any = parameter.type.inner_cls
    if cls not in STATE:
        provider: Callable[[Scope], Any] = cls.provider(parameter.annotation, where, parameter.name)
        return provider
    purposes = [each.metadata for each in parameter.type.claims if each.reader is Reader.STATE] or [_PURPOSE]
    if len(purposes) > 1:
        raise state_errors.several_purposes(where, parameter.name)
    return StateProvider(STATE[cls], purposes[0].name)


def _claims(parameter: Parameter) -> bool:
    cls = parameter.type.inner_cls
    return cls is not None and (cls in STATE or issubclass(cls, Provided))


PROVIDED = Row(
    name="provided",
    place="application",
    claims_if=_claims,
    one="MISSING",
    always_present=True,
    checks="never",
)
