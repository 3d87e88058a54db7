"""A session's values: a dictionary that is read from what the client sent when somebody first looks at it.

Theory of operation. Most requests have a session and few ask for it, so that nothing is checked, decoded or parsed
before. A subclass of `dict`, as it is handed to JSON writers and templates: its methods open it first. Code in C looks
past them, so `request.session` opens it too. Whether it has changed is seen by comparing JSON at the end: so a change
deep inside counts as well.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from signette._http.json import dumps

_OPENING = (
    "__contains__ __delitem__ __eq__ __getitem__ __iter__ __len__ __ne__ __or__ __repr__ __reversed__ __ror__"
    " copy get items keys pop popitem setdefault values"
)
# Who sets a value wants it sent, even if it was the same before: so a session can be kept alive.
_SETTING = "__ior__ __setitem__ update"


class Session(dict[str, Any]):
    """The values of a session, changed in place. They are sent on as JSON, and come back as JSON has them.

    `read` gives what the client brought, and is called once, when it is needed.
    """

    __slots__ = ("_before", "_is_marked", "_read", "accessed", "renewed", "was_cleared")

    def __init__(self, read: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__()
        self._read = read
        self._before = b"{}"
        self._is_marked = False
        self.accessed = False
        self.renewed = False
        self.was_cleared = False

    def mark_accessed(self) -> None:
        """Read it, and note that the answer depends on it."""
        if not self.accessed:
            self.accessed = True
            found = self._read()
            if found:
                dict.update(self, found)
                self._before = dumps(found)

    def mark_modified(self) -> None:
        """Have it sent again, even if it has not changed."""
        self.mark_accessed()
        self._is_marked = True

    def renew(self) -> None:
        """Give it another identity, for who logs in: an identity that somebody else knew is worth nothing then."""
        self.mark_modified()
        self.renewed = True

    def clear(self) -> None:
        """Remove all values: what comes into it from now on is none of what the client brought."""
        self.mark_accessed()
        self.was_cleared = True
        super().clear()

    @property
    def modified(self) -> bool:
        """Whether it has to be sent again. Raises TypeError or ValueError: it holds what JSON cannot carry."""
        return self._is_marked or (self.accessed and dumps(self) != self._before)

    @property
    def was_empty(self) -> bool:
        """Whether the client brought nothing, as far as anybody has looked."""
        return self._before == b"{}"


def _opening(name: str, prepare: Callable[[Session], None]) -> Callable[..., Any]:
    method = getattr(dict, name)

    @functools.wraps(method)
    def prepared(self: Session, *args: Any, **kwargs: Any) -> Any:
        prepare(self)
        return method(self, *args, **kwargs)

    return prepared


for _name in _OPENING.split():
    setattr(Session, _name, _opening(_name, Session.mark_accessed))
for _name in _SETTING.split():
    setattr(Session, _name, _opening(_name, Session.mark_modified))
