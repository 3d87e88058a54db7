import logging
from collections.abc import Callable
from typing import Any

from signette import App
from signette.resources import Resource, get

log = logging.getLogger(__name__)


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        log.info("call %s", function.__name__)
        return function(*args, **kwargs)

    return call


def declare(app: App) -> None:
    class Items(Resource, prefix="/items"):
        @logged
        @get()
        def size(self) -> int:
            return 2
