"""Configuration from the environment, then from a file of `KEY=value` lines, then from defaults."""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, TypeVar, overload

T = TypeVar("T")

_MISSING: Any = object()

_BOOLS = {"true": True, "1": True, "false": False, "0": False}


class EnvironError(Exception):
    """A variable was changed after it was read."""


class Environ(MutableMapping[str, str]):
    """The environment. A variable cannot be changed once it was read."""

    def __init__(self, environ: MutableMapping[str, str] | None = None) -> None:
        # Not a default in the signature, where `help` would show all variables.
        self._environ = os.environ if environ is None else environ
        self._read: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self._read.add(key)
        return self._environ[key]

    def __setitem__(self, key: str, value: str) -> None:
        """Raises EnvironError if the variable was read before."""
        if key in self._read:
            raise EnvironError(f"Attempting to set environ[{key!r}], but the value has already been read.")
        self._environ[key] = value

    def __delitem__(self, key: str) -> None:
        """Raises EnvironError if the variable was read before."""
        if key in self._read:
            raise EnvironError(f"Attempting to delete environ[{key!r}], but the value has already been read.")
        del self._environ[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} variables)"  # without values, which may be secrets


environ = Environ()


class Config:
    """Reads configuration values by key: `config("DEBUG", cast=bool, default=False)`.

    `env_file` has lines of `KEY=value`. Empty lines and lines that begin with `#` are ignored, `export ` before the key
    is allowed, one pair of quotes around a value is removed. `env_prefix` is added before each key, for the environment
    and for the file. Warns if the file does not exist.
    """

    def __init__(
        self,
        env_file: str | Path | None = None,
        environ: Mapping[str, str] = environ,
        env_prefix: str = "",
        encoding: str = "utf-8",
    ) -> None:
        self.environ = environ
        self.env_prefix = env_prefix
        self.file_values: dict[str, str] = {}
        if env_file is not None:
            if Path(env_file).is_file():
                self.file_values = _read_file(Path(env_file), encoding)
            else:
                warnings.warn(f"Config file '{env_file}' not found.", stacklevel=2)

    @overload
    def __call__(self, key: str) -> str: ...
    @overload
    def __call__(self, key: str, *, default: None) -> str | None: ...
    @overload
    def __call__(self, key: str, cast: Callable[[Any], T]) -> T: ...
    @overload
    def __call__(self, key: str, cast: Callable[[Any], T], default: None) -> T | None: ...
    @overload
    def __call__(self, key: str, cast: Callable[[Any], T], default: Any) -> T: ...
    @overload
    def __call__(self, key: str, cast: None = None, default: T = ...) -> str | T: ...
    def __call__(self, key: str, cast: Callable[[Any], Any] | None = None, default: Any = _MISSING) -> Any:
        """The value, converted by `cast`. A default is converted too, unless it is None.

        `cast=bool` accepts true, false, 1 and 0, in upper or lower case.

        Raises:
            KeyError: the value is missing and has no default.
            ValueError: `cast` rejects the value.
        """
        return self.get(key, cast, default)

    def get(self, key: str, cast: Callable[[Any], Any] | None = None, default: Any = _MISSING) -> Any:
        """The same as calling the object."""
        key = f"{self.env_prefix}{key}"
        # A missing variable counts as read, too.
        value = self.environ.get(key)
        if value is None:
            value = self.file_values.get(key, default)
        if value is _MISSING:
            raise KeyError(f"Config '{key}' is missing, and has no default.")
        return value if cast is None or value is None else _cast(key, value, cast)


def _cast(key: str, value: Any, cast: Callable[[Any], Any]) -> Any:
    try:
        if cast is bool and isinstance(value, str):
            return _BOOLS[value.lower()]
        return cast(value)
    except (TypeError, ValueError, KeyError) as exc:
        name = getattr(cast, "__name__", cast)
        raise ValueError(f"Config '{key}' has value '{value}'. Not a valid {name}.") from exc


def _read_file(path: Path, encoding: str) -> dict[str, str]:
    values = {}
    with path.open(encoding=encoding) as file:
        for line in file:
            # Editors of Windows write a byte order mark at the beginning of a file.
            key, equals, value = line.lstrip("\ufeff").partition("=")
            key, value = key.strip().removeprefix("export ").strip(), value.strip()
            if equals and key and not key.startswith("#"):
                quoted = len(value) >= 2 and value[0] in "\"'" and value[0] == value[-1]
                values[key] = value[1:-1] if quoted else value
    return values
