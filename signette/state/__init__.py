"""State that outlives a request: values by key, and messages by topic, in memory or in an engine that processes share.

`App(state="redis://...")` moves all of it: see `Backend`.
"""

from signette.state.backend import Backend as Backend
from signette.state.bus import Bus as Bus
from signette.state.bus import Message as Message
from signette.state.bus import Subscription as Subscription
from signette.state.memory import MemoryBus as MemoryBus
from signette.state.memory import MemoryStore as MemoryStore
from signette.state.store import Purpose as Purpose
from signette.state.store import Store as Store
from signette.state.unavailable import StateUnavailable as StateUnavailable
