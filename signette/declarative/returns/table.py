"""The return kinds: the first one that accepts a reply is used. A new kind is one file and one line here."""

from signette.declarative.returns.empty import EMPTY
from signette.declarative.returns.events import EVENTS
from signette.declarative.returns.file import FILE
from signette.declarative.returns.json import JSON
from signette.declarative.returns.outcome import OUTCOME
from signette.declarative.returns.response import RESPONSE
from signette.declarative.returns.response_class import RESPONSE_CLASS
from signette.declarative.returns.stream import CHUNKS, LINES
from signette.declarative.returns.text import BYTES, TEXT
from signette.declarative.returns.unannotated import UNANNOTATED

RETURNS = (UNANNOTATED, RESPONSE, EMPTY, OUTCOME, EVENTS, CHUNKS, LINES, FILE, TEXT, BYTES, RESPONSE_CLASS, JSON)
