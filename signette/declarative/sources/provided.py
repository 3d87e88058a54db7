"""Values that the application provides by the type of a parameter: its jobs, and what belongs to a running job."""

from collections.abc import Callable
from typing import Any, ClassVar

from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.row import Row
from signette.types import Scope


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


def _claims(parameter: Parameter) -> bool:
    cls = parameter.type.inner_cls
    return cls is not None and issubclass(cls, Provided)


PROVIDED = Row(
    name="provided",
    place="application",
    claims_if=_claims,
    one="MISSING",
    always_present=True,
    checks="never",
)
