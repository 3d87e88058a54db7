"""Query parameters."""

from collections import defaultdict
from collections.abc import Mapping

from signette._http.query import last_values, parse_pairs
from signette.declarative.signature.markers import Query
from signette.declarative.sources.brackets import nested
from signette.declarative.sources.row import Row


def all_values(query: bytes) -> Mapping[str, list[str]]:
    """Each name with all its values, in the order sent."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in parse_pairs(query):
        found[name].append(value)
    return dict(found)


# PERF: a `try` takes no time, `scope.get` twice as long as an index.
_SENT = """\
try:
    b_query = scope["query_string"]
except KeyError:
    b_query = b\"\""""

QUERY = Row(
    name="query",
    place="query",
    marker=Query,
    claims_if=lambda parameter: parameter.type.is_scalar,
    container="query",
    lists="query_lists",
    opening=f"{_SENT}\nquery = k_query(b_query)",
    opening_lists=(
        f"{_SENT}\nquery_lists = k_query_lists(b_query)\n"
        "query = {name: several[-1] for name, several in query_lists.items()}"
    ),
    one="query.get({key}, MISSING)",
    many="query_lists.get({key}, MISSING)",
    nested="k_nested(query_lists, {key}, {shape})",
    uses={"k_query": last_values, "k_query_lists": all_values, "k_nested": nested},
)
