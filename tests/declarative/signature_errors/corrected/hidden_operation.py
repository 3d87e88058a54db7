import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from signette import App
from signette.resources import Resource, get

log = logging.getLogger(__name__)


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        log.info("call %s", function.__name__)
        return function(*args, **kwargs)

    return call


class Items(Resource, prefix="/items"):
    @get()
    @logged
    def size(self) -> int:
        return 2


def declare(app: App) -> None:
    app.include(Items)
