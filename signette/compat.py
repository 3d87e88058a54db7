"""What keeps an application that moved from FastAPI as its clients know it."""

import re
from typing import Any

from signette.declarative.problems.fastapi_format import FastAPIErrors

__all__ = ["FastAPIErrors", "fastapi_operation_id"]


def fastapi_operation_id(route: Any) -> str:
    """The operation id that FastAPI makes: `App(generate_unique_id_function=fastapi_operation_id)`.

    Of name, path and method: `read_item_items__item_id__get`.
    """
    method = min(route.methods - {"HEAD"} or route.methods).lower()
    return re.sub(r"\W", "_", f"{route.name}{route.path_format}") + f"_{method}"
