"""Path parameters. The router has matched their texts."""

from signette.declarative.signature.markers import Path
from signette.declarative.sources.row import Row

# PERF: `{key}` is the position of the parameter in the path template, so nothing is looked up by name.
PATH = Row(
    name="path", place="path", marker=Path, one="values[{key}]", container="values", always_present=True, literal=str
)
