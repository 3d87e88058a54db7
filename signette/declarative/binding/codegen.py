"""Lines, names, linecache, exec. Knows Python's text and nothing of HTTP."""

import itertools
import linecache
import textwrap
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import Any


class Code:
    """A function in the making: its lines, and the values that it names.

    Values enter by name through the namespace. Only the `repr` of a text, a number, a truth value or `None` is ever
    written into a line.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self._locals: dict[Any, str] = {}
        self._depth = 0

    def add(self, block: str, comment: str = "") -> None:
        """Put a block at the present depth, a comment behind its first line."""
        lines = textwrap.dedent(block).splitlines()
        if comment:
            lines[0] = f"{lines[0]}  # {' '.join(comment.split())}"  # one line, whatever a class is called
        self.lines += ["    " * self._depth + line if line else "" for line in lines]

    @contextmanager
    def block(self, head: str, comment: str = "") -> Iterator[None]:
        """Lines that stand one step further in, under a head such as `if x:`."""
        self.add(head, comment)
        self._depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.add("pass")
        self._depth -= 1

    def name(self, name: str, value: Any) -> str:
        """Let lines say `name` and mean `value`. A name that means something else already gets a number."""
        candidate, count = name, 1
        while candidate in self.names and self.names[candidate] is not value:
            count += 1
            candidate = f"{name}_{count}"
        self.names[candidate] = value
        return candidate

    def constant(self, name: str, value: Any) -> str:
        """A literal where one says it whole, else a name."""
        if value is None or type(value) in (bool, int, str):
            return repr(value)
        return self.name(name, value)

    def local(self, owner: Any, name: str) -> str:
        """The variable of an owner, the same one each time. A name that another owner has gets a number."""
        if owner not in self._locals:
            candidate, count = name, 1
            while candidate in self._locals.values():
                count += 1
                candidate = f"{name}_{count}"
            self._locals[owner] = candidate
        return self._locals[owner]

    def use(self, names: Mapping[str, Any]) -> None:
        """Let lines say these names.

        Raises ValueError where one of them means something else already.
        """
        for name, value in names.items():
            if name in self.names and self.names[name] is not value and self.names[name] != value:
                raise ValueError(f"`{name}` means two things in one function: {self.names[name]!r} and {value!r}")
            self.names[name] = value

    @property
    def source(self) -> str:
        return "\n".join(self.lines) + "\n"


def compiled(code: Code, function_name: str, file_name: str) -> Callable[..., Any]:
    """The function that the code defines.

    Its lines are in `linecache` as long as it lives, so that tracebacks and debuggers show them.
    """
    file_name = _free(file_name)
    source = code.source
    linecache.cache[file_name] = (len(source), None, source.splitlines(keepends=True), file_name)
    namespace = dict(code.names)
    exec(_compiled(source, file_name), namespace)  # noqa: S102 - the text is ours: users' values enter by name only
    function: Callable[..., Any] = namespace.pop(function_name)  # left there, it would be a circle for the collector
    weakref.finalize(function, linecache.cache.pop, file_name, None)
    return function


def _compiled(source: str, file_name: str) -> CodeType:
    return compile(source, file_name, "exec")


def _free(file_name: str) -> str:
    """A file name that no living function has: two applications may each have a `GET /`."""
    if file_name not in linecache.cache:
        return file_name
    stem = file_name.removesuffix(">")
    return next(name for n in itertools.count(2) if (name := f"{stem} #{n}>") not in linecache.cache)
