"""The documented names of one of two toolkits, so that the same application is built from either."""

from importlib import import_module
from typing import Any

MODULES = (
    "applications authentication background concurrency config convertors datastructures endpoints"
    " exceptions formparsers"
    " requests responses routing staticfiles templating websockets testclient middleware middleware.authentication"
    " middleware.base middleware.body_limit middleware.cors middleware.errors middleware.exceptions middleware.gzip"
    " middleware.httpsredirect middleware.sessions middleware.trustedhost"
).split()


class Names:
    """`names.Route` is the toolkit's own `Route`, in whichever of its modules it stands."""

    def __init__(self, package: str, **other: str) -> None:
        self.package = package
        self._other = other

    def __getattr__(self, name: str) -> Any:
        wanted = self._other.get(name, name)
        for module in MODULES:
            found = getattr(import_module(f"{self.package}.{module}"), wanted, None)
            if found is not None:
                setattr(self, name, found)
                return found
        raise AttributeError(f"{self.package} has no {wanted}")

    def __repr__(self) -> str:
        return self.package


SIGNETTE = Names("signette")
STARLETTE = Names("starlette", Application="Starlette")
