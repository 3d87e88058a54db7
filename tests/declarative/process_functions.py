"""Functions for worker processes, which import them by name."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel

from signette.background import BackgroundTasks
from signette.datastructures.upload import UploadFile
from signette.declarative.signature.marker_functions import Depends
from signette.exceptions import HTTPException
from signette.problems import Problem
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.state import Store


class Item(BaseModel):
    name: str
    amount: int = 1


class OutOfStock(Problem, status=409):
    """Out of stock."""

    left: int


class Unsendable(Exception):
    """Its arguments do not make it again."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(f"{name} {number}")


def process_of(number: int = 0) -> int:
    return os.getpid()


def double(item: Item) -> Item:
    return Item(name=item.name * 2, amount=item.amount * 2)


def fail(what: str) -> Any:
    errors: dict[str, BaseException] = {
        "http": HTTPException(418, "tea"),
        "problem": OutOfStock(left=3),
        "value": ValueError("wrong"),
        "unsendable": Unsendable("a", 1),
        "exit": SystemExit(),
    }
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "result":
        return threading.Lock()
    if what == "response":
        return PlainTextResponse("made there")
    raise errors[what]


def never(pipe: str) -> None:
    """Write to a named pipe, and keep it open until the process ends."""
    with Path(pipe).open("w") as file:
        file.write("begun\n")
        file.flush()
        signal.pause()


def lock() -> Any:
    return threading.Lock()


def takes_lock(lock: Annotated[Any, Depends(lock)]) -> None: ...


def takes_request(request: Request) -> None: ...


def takes_file(file: UploadFile) -> None: ...


def takes_tasks(tasks: BackgroundTasks) -> None: ...


def takes_response(response: Response) -> None: ...


def takes_store(store: Store) -> None: ...


def thread_name() -> str:
    return threading.current_thread().name


def generates() -> Iterator[int]:
    yield 1


@dataclass
class Point:
    x: int = 0


def hidden(function: Any) -> Any:
    @wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


def decorated() -> int:
    return os.getpid()


inner = decorated
decorated = hidden(decorated)
