"""Values that are pieces of the path. The router found their texts; here they are only taken."""

from signette.declarative.signature.markers import Path
from signette.declarative.sources.row import Row

# `{key}` is the piece's position in the template: the planner knows it, so nothing is looked up by name.
PATH = Row(name="path", place="path", marker=Path, one="values[{key}]", container="values", total=True, literal=str)
