"""Source code as lines and names, compiled by `exec` and listed in `linecache`. Knows nothing about HTTP."""

import itertools
import linecache
import textwrap
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any


class Code:
    """The lines of a function that is generated, and the values of the names in them.

    Values are passed by name, through the namespace. The lines contain only the `repr` of strings, numbers, booleans
    and `None`.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self._locals: dict[Any, str] = {}
        self._depth = 0

    def add(self, block: str, comment: str = "") -> None:
        """Add lines at the current depth, with a comment after the first one."""
        lines = list(_lines(block))
        if comment:
            lines[0] = f"{lines[0]}  # {' '.join(comment.split())}"  # a class name may have line breaks
        self.lines += ["    " * self._depth + line if line else "" for line in lines]

    @contextmanager
    def block(self, head: str, comment: str = "") -> Iterator[None]:
        """Indent the lines that are added in the `with` block, under a head such as `if x:`."""
        self.add(head, comment)
        self._depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.add("pass")
        self._depth -= 1

    def name(self, name: str, value: Any) -> str:
        """A name for a value. If the name has another value already, a number is added."""
        candidate, count = name, 1
        while candidate in self.names and self.names[candidate] is not value:
            count += 1
            candidate = f"{name}_{count}"
        self.names[candidate] = value
        return candidate

    def constant(self, name: str, value: Any) -> str:
        """A literal for a value, or a name if it has no literal."""
        if value is None or type(value) in (bool, int, str):
            return repr(value)
        return self.name(name, value)

    def local(self, owner: Any, name: str) -> str:
        """The variable of an owner, always the same one. If another owner has the name, a number is added."""
        if owner not in self._locals:
            candidate, count = name, 1
            while candidate in self._locals.values():
                count += 1
                candidate = f"{name}_{count}"
            self._locals[owner] = candidate
        return self._locals[owner]

    def use(self, names: Mapping[str, Any]) -> None:
        """Add names with their values.

        Raises ValueError if a name has another value already.
        """
        for name, value in names.items():
            if name in self.names and self.names[name] is not value and self.names[name] != value:
                raise ValueError(f"`{name}` means two things in one function: {self.names[name]!r} and {value!r}")
            self.names[name] = value

    @property
    def source(self) -> str:
        return "\n".join(self.lines) + "\n"


# PERF: `dedent` takes half of the time of printing, and most blocks are the same in every binder.
@lru_cache(maxsize=2048)
def _lines(block: str) -> tuple[str, ...]:
    return tuple(textwrap.dedent(block).splitlines())


def compiled(code: Code, function_name: str, file_name: str) -> Callable[..., Any]:
    """Compile the function that the code defines.

    Its lines are in `linecache` as long as it exists, so tracebacks and debuggers show them.
    """
    file_name = _free(file_name)
    source = code.source
    linecache.cache[file_name] = (len(source), None, source.splitlines(keepends=True), file_name)
    namespace = dict(code.names)
    exec(_compiled(source, file_name), namespace)  # noqa: S102 - values of users are passed by name, never as text
    function: Callable[..., Any] = namespace.pop(function_name)  # otherwise a reference cycle
    weakref.finalize(function, linecache.cache.pop, file_name, None)
    return function


def _compiled(source: str, file_name: str) -> CodeType:
    return _in_file(_compiled_once(source), file_name)


# PERF: routes with equal signatures have equal sources; to compile one takes 0.4 ms, to rename it 3 us. The
# instructions, and the names in them, are shared, too.
@lru_cache(maxsize=256)
def _compiled_once(source: str) -> CodeType:
    return compile(source, "<signette>", "exec")


def _in_file(code: CodeType, file_name: str) -> CodeType:
    """The code, and that of the functions in it, with another file name."""
    consts = tuple(_in_file(each, file_name) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_filename=file_name, co_consts=consts)


def _free(file_name: str) -> str:
    """A file name that no other function has: two applications may both have a `GET /`."""
    if file_name not in linecache.cache:
        return file_name
    stem = file_name.removesuffix(">")
    return next(name for n in itertools.count(2) if (name := f"{stem} #{n}>") not in linecache.cache)
