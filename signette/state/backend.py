"""`Backend`: the state of an application, from one URL."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self

from signette.state.bus import Bus
from signette.state.memory import MemoryBus, MemoryStore
from signette.state.redis_url import SCHEMES, client_url, shown_url
from signette.state.store import Store, check_name
from signette.state.unavailable import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from signette.state.redis_connections import RedisConnections


class Engine(Protocol):
    """The stores and buses of one URL."""

    @property
    def connections(self) -> "RedisConnections | None":
        """Its connections; None if it has none."""

    def store(self, purpose: str) -> Store:
        """A store whose keys do not collide with those of other purposes."""
        ...

    def bus(self, purpose: str) -> Bus:
        """A bus whose topics do not collide with those of other purposes."""
        ...

    async def check(self) -> None:
        """Raises StateUnavailable if values cannot be read and written."""

    async def aclose(self) -> None:
        """Close the connections of the running event loop. They open again when they are used again."""


class MemoryEngine:
    """The engine of `memory://`."""

    connections = None

    def __init__(self, url: str, namespace: str, timeout: float) -> None:  # noqa: ARG002 - the shape of an engine
        if url != "memory://":
            raise ValueError("`memory://` has no host, path or options; use it as it is")
        self._made: list[MemoryStore | MemoryBus] = []

    def store(self, purpose: str) -> Store:  # noqa: ARG002
        """A store for this purpose alone, so that others delete none of its values to make room."""
        self._made.append(store := MemoryStore())
        return store

    def bus(self, purpose: str) -> Bus:  # noqa: ARG002
        """A bus for this purpose alone."""
        self._made.append(bus := MemoryBus())
        return bus

    def clear(self) -> None:
        """Delete all values and messages."""
        for each in self._made:
            each.clear()

    async def check(self) -> None:
        """Memory is always there."""

    async def aclose(self) -> None:
        """Memory has no connections."""


def _redis_engine(url: str, namespace: str, timeout: float) -> Engine:
    from signette.state.redis import RedisEngine  # noqa: PLC0415 - loads asyncio, which memory does not need

    return RedisEngine(url, namespace, timeout)


# The engine of each scheme of a URL. A new engine is one row.
ENGINES: Mapping[str, Callable[[str, str, float], Engine]] = {
    "memory": MemoryEngine,
    **dict.fromkeys(SCHEMES, _redis_engine),
}


class Backend:
    """The state of an application: a `Store` and a `Bus` for each purpose, all from one URL.

    `url` is `memory://`, which is one process, or a URL of Redis or Valkey (`redis://`, `rediss://` with TLS,
    `unix://`), which any number of processes share. `namespace` begins all keys, and separates applications that
    share an engine. An operation that takes longer than `timeout` seconds raises `StateUnavailable`. `overrides` are
    URLs, or your own `Store` or `Bus`, for single purposes: `{"cache": "memory://"}`.

    Nothing is opened here: connections open at the first use in each event loop. The lifespan of an `App` closes
    them; elsewhere use `async with backend`. What is in memory is deleted at the end of the last such block, as if the
    process had ended, so that each test with a test client starts with nothing. A copy or a pickle has the settings, no
    connections and no values.

    Raises:
        ValueError: a URL, the namespace, a purpose or the timeout is not valid. The message does not show a password.
        TypeError: an override is neither a URL nor a `Store` or a `Bus`.
        ImportError: the library of the engine is not installed.
    """

    def __init__(
        self,
        url: str = "memory://",
        *,
        namespace: str = "signette",
        timeout: float = DEFAULT_TIMEOUT,
        overrides: Mapping[str, str | Store | Bus] | None = None,
    ) -> None:
        check_name("namespace", namespace)
        if not (isinstance(timeout, int | float) and 0 < timeout < float("inf")):
            raise ValueError("`timeout` must be a positive number of seconds")
        self.namespace = namespace
        self.timeout = timeout
        self._url = url
        self._overrides = dict(overrides or {})
        self._prepare()

    def _prepare(self) -> None:
        self._stores: dict[str, Store] = {}
        self._buses: dict[str, Bus] = {}
        self._clears: list[Callable[[], None]] = []
        self._users = 0
        self._engines = {self._url: self._engine_of(self._url)}
        for purpose, override in self._overrides.items():
            check_name("purpose", purpose)
            if isinstance(override, str):
                if override not in self._engines:
                    self._engines[override] = self._engine_of(override)
            elif isinstance(override, type) or not isinstance(override, Store | Bus):
                raise TypeError(
                    f"`overrides[{purpose!r}]` must be a URL, a `Store` or a `Bus`, got {type(override).__name__}"
                )

    def _engine_of(self, url: str) -> Engine:
        scheme, separator, _ = url.partition("://") if isinstance(url, str) else ("", "", "")
        engine = ENGINES.get(scheme)
        if engine is None or not separator:
            schemes = ", ".join(f"`{known}://`" for known in ENGINES)
            raise ValueError(
                f"the URL of the state must begin with one of {schemes}; for example `redis://localhost:6379/0`"
            )
        return engine(url, self.namespace, self.timeout)

    def store(self, purpose: str) -> Store:
        """The store of a purpose, always the same object: `sessions`, `rate-limits`, `cache`, or your own name.

        Keys of different purposes do not collide.
        """
        found = self._stores.get(purpose)
        if found is None:
            check_name("purpose", purpose)
            override = self._overrides.get(purpose)
            made = override if isinstance(override, Store) else self._engine(purpose).store(purpose)
            found = self._stores.setdefault(purpose, made)
        return found

    def bus(self, purpose: str = "events") -> Bus:
        """The bus of a purpose, always the same object. Topics of different purposes do not collide."""
        found = self._buses.get(purpose)
        if found is None:
            check_name("purpose", purpose)
            override = self._overrides.get(purpose)
            made = override if isinstance(override, Bus) else self._engine(purpose).bus(purpose)
            found = self._buses.setdefault(purpose, made)
        return found

    def url(self, purpose: str) -> str:
        """The URL of a purpose, for libraries that have their own client: `redis://` also for Valkey.

        It may contain a password: do not log it.

        Raises:
            ValueError: `overrides` has a store or a bus for the purpose, which has no URL.
        """
        check_name("purpose", purpose)
        url = self._overrides.get(purpose, self._url)
        if isinstance(url, str):
            return url if url.startswith("memory:") else client_url(url)
        raise ValueError(f"purpose {purpose!r} has no URL, because `overrides` has an object for it; use a URL there")

    def connections(self, purpose: str) -> "RedisConnections | None":
        """The connections of a purpose, for a library that works on those of redis-py; None for memory.

        They have the time limit and the back-off of the backend, which closes them.

        Raises:
            ValueError: as `url`.
        """
        self.url(purpose)
        return self._engine(purpose).connections

    def _engine(self, purpose: str) -> Engine:
        override = self._overrides.get(purpose)
        return self._engines[override if isinstance(override, str) else self._url]

    async def check(self) -> None:
        """Check that values can be read and written, in the time of the timeout: for a health check.

        Raises:
            StateUnavailable: an engine cannot be used.
        """
        for engine in self._engines.values():
            await engine.check()

    async def aclose(self) -> None:
        """Close the connections of the running event loop, also of overrides with an `aclose`.

        They open again when they are used again.
        """
        for engine in (*self._engines.values(), *self._overrides.values()):
            if (close := getattr(engine, "aclose", None)) is not None:
                await close()

    def when_cleared(self, clear: Callable[[], None]) -> None:
        """Call a function when the values in memory are deleted: for parts that keep their own state in memory."""
        self._clears.append(clear)

    async def __aenter__(self) -> Self:
        self._users += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self._users -= 1
        try:
            await self.aclose()
        finally:
            if not self._users:
                self._clear_memory()

    def _clear_memory(self) -> None:
        for engine in self._engines.values():
            if isinstance(engine, MemoryEngine):
                engine.clear()
        for clear in self._clears:
            clear()

    def __repr__(self) -> str:
        return f"Backend({shown_url(self._url)!r}, namespace={self.namespace!r})"

    def __getstate__(self) -> dict[str, Any]:
        kept = ("namespace", "timeout", "_url", "_overrides")
        return {name: value for name, value in vars(self).items() if name in kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._prepare()


def backend_of(state: str | Backend) -> Backend:
    """The backend that `App(state=...)` means.

    Raises:
        TypeError: it is neither a URL nor a `Backend`.
    """
    if isinstance(state, Backend):
        return state
    if isinstance(state, str):
        return Backend(state)
    raise TypeError(f"`state=` takes a URL or a `Backend`, got {type(state).__name__}; attributes go to `app.state`")
