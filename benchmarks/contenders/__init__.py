"""The contenders: one ASGI application a module, all with the same endpoints."""

import importlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

# name in the tables -> module here; the first is the minimum, the second is signette.
MODULES = {
    "raw": "raw",
    "signette": "signette_app",
    "falcon": "falcon_app",
    "starlette": "starlette_app",
    "blacksheep": "blacksheep_app",
    "litestar": "litestar_app",
    "fastapi": "fastapi_app",
}


@dataclass(frozen=True)
class Contender:
    """An application, and where it departs from what the workloads expect.

    A module says so by `STATUS` (workload -> its status instead), `LAX` (workloads whose body says
    less than others say) and `NOTES` (workload -> a remark printed under the table; one that starts with
    "not measured" leaves the workload out).
    """

    name: str
    app: Any
    status: dict[str, int] = field(default_factory=dict)
    lax: frozenset[str] = frozenset()
    notes: dict[str, str] = field(default_factory=dict)

    def takes(self, workload: str) -> bool:
        return not self.notes.get(workload, "").startswith("not measured")


def target(name: str) -> str:
    """What a server is given to run this contender."""
    return f"{__name__}.{MODULES[name]}:app"


def load(names: Collection[str]) -> tuple[list[Contender], dict[str, str]]:
    """The contenders that can be imported here, and for the others the reason why not."""
    found: list[Contender] = []
    skipped: dict[str, str] = {}
    for name in names:
        try:
            module = importlib.import_module(f"{__name__}.{MODULES[name]}")
        except Exception as error:  # noqa: BLE001 - one broken contender must not stop the others
            skipped[name] = f"{type(error).__name__}: {error}"
            continue
        found.append(
            Contender(
                name,
                module.app,
                getattr(module, "STATUS", {}),
                frozenset(getattr(module, "LAX", ())),
                getattr(module, "NOTES", {}),
            )
        )
    return found, skipped
