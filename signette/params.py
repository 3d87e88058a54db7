"""The classes of `Depends`, `Security` and the markers, also for type checkers: `Sequence[params.Depends]`.

Write a default of a parameter with the names of `signette`, whose result type checkers assign to every type.
"""

from signette.declarative.signature.depends import Depends, Security
from signette.declarative.signature.markers import Body, Cookie, File, Form, Header, Path, Query

__all__ = ["Body", "Cookie", "Depends", "File", "Form", "Header", "Path", "Query", "Security"]
