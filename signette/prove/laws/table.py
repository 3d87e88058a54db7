"""All laws of signette. A new law is a file in this package, and a line here."""

from collections.abc import Callable

from signette.prove.law import Law

LAWS: tuple[Callable[[], Law], ...] = ()
"""What makes the laws: a run has new ones, after the checks of `signette.prove.declared`."""
