"""The base of security schemes: what the planner and the OpenAPI document read from them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class SecurityBase:
    """Base class of custom security schemes, for `Depends` and `Security`.

    A subclass has a `__call__` that returns the credentials, whose parameters are those of a dependency. `model` is the
    OpenAPI object of the scheme, a mapping or a pydantic model; `scheme_name` its name in the document, by default that
    of the class.
    """

    model: Any = MappingProxyType({})
    scheme_name: str = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "scheme_name" not in vars(cls):
            cls.scheme_name = cls.__name__

    @property
    def security_scheme(self) -> Mapping[str, Any]:
        """The OpenAPI object of the scheme."""
        if isinstance(self.model, Mapping):
            return self.model
        described: Mapping[str, Any] = self.model.model_dump(mode="json", by_alias=True, exclude_none=True)
        return described
