"""A parameter and its source, before it is decided how it is read."""

from signette._dataclasses import dataclass
from signette.declarative.plan.graph import CallNode
from signette.declarative.plan.steps import Read
from signette.declarative.signature.markers import Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.source import Source


@dataclass(frozen=True, slots=True)
class SourcedParameter:
    """A parameter that is read from the request, and its source."""

    node: CallNode
    parameter: Parameter
    variable: str
    source: Source
    read: Read | None = None
    """How it is read, if another route has decided that."""

    @property
    def where(self) -> SourceLocation:
        return self.node.where

    @property
    def marker(self) -> Marker | None:
        return self.parameter.marker if isinstance(self.parameter.marker, Marker) else None
