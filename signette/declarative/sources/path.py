"""Values that are pieces of the path. The router found their texts; here they are only taken."""

from signette.declarative.ir import Source
from signette.declarative.markers import Path

# `{key}` is the piece's position in the template: the planner knows it, so nothing is looked up by name.
PATH = Source(place="path", marker=Path, one="values[{key}]", literal=str)
