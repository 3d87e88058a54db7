"""The session: a dictionary that reads the client's session cookie on first use.

Theory of operation. Most requests have a session and few use it, so nothing is verified, decoded or parsed until then.
It is a subclass of `dict`, so that JSON writers and templates accept it. Its methods read the cookie first. Code in C
bypasses them, so `request.session` reads the cookie, too. Changes are detected by comparing JSON at the end, which
includes changes of nested values.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from signette._http.json import dumps

_READING_METHODS = (
    "__contains__ __delitem__ __eq__ __getitem__ __iter__ __len__ __ne__ __or__ __repr__ __reversed__ __ror__"
    " copy get items keys pop popitem setdefault values"
)
# Setting a value sends the session again even if the value is the same, which extends its lifetime.
_SETTING_METHODS = "__ior__ __setitem__ update"


class Session(dict[str, Any]):
    """The values of a session. Change them in place; they must be JSON-serializable.

    `read` returns the values that the client sent. It is called once, on first use.

    Attributes:
        accessed: The session was read.
        renewed: `renew()` was called.
        was_cleared: `clear()` was called.
    """

    __slots__ = ("_is_marked", "_original", "_read", "accessed", "renewed", "was_cleared")

    def __init__(self, read: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__()
        self._read = read
        self._original = b"{}"
        self._is_marked = False
        self.accessed = False
        self.renewed = False
        self.was_cleared = False

    def mark_accessed(self) -> None:
        """Read the session, and record that the response depends on it."""
        if not self.accessed:
            self.accessed = True
            values = self._read()
            if values:
                dict.update(self, values)
                self._original = dumps(values)

    def mark_modified(self) -> None:
        """Send the session again, even if it has not changed."""
        self.mark_accessed()
        self._is_marked = True

    def renew(self) -> None:
        """Give the session a new id. Call it at login, so that ids from before the login are useless."""
        self.mark_modified()
        self.renewed = True

    def clear(self) -> None:
        """Remove all values."""
        self.mark_accessed()
        self.was_cleared = True
        super().clear()

    @property
    def modified(self) -> bool:
        """Whether the session must be sent again. Raises TypeError or ValueError if it is not JSON-serializable."""
        return self._is_marked or (self.accessed and dumps(self) != self._original)

    @property
    def was_empty(self) -> bool:
        """Whether the client sent no values, or the session was not read."""
        return self._original == b"{}"


def _prepared(name: str, prepare: Callable[[Session], None]) -> Callable[..., Any]:
    method = getattr(dict, name)

    @functools.wraps(method)
    def call(self: Session, *args: Any, **kwargs: Any) -> Any:
        prepare(self)
        return method(self, *args, **kwargs)

    return call


for _name in _READING_METHODS.split():
    setattr(Session, _name, _prepared(_name, Session.mark_accessed))
for _name in _SETTING_METHODS.split():
    setattr(Session, _name, _prepared(_name, Session.mark_modified))
