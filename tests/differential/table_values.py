"""Differences between data structures that are called directly."""

from tests.differential.differences import NOTHING_TO_DO, Difference, Seen, all_of_it
from tests.differential.values import Program, Step


def _named(seen: Seen, verb: str) -> tuple[str, ...]:
    """The aspects that are outcomes of this verb."""
    return tuple(aspect for aspect in seen.aspects() if f": {verb}(" in aspect)


def _says(seen: Seen, kind: str, text: str) -> bool:
    return isinstance(seen.ask, Program) and seen.ask.kind == kind and text in repr(seen.ask)


def _twice(seen: Seen) -> bool:
    return repr(seen.ask).lower().count("accept") > 1


VALUES = [
    Difference(
        "deleted state",
        "`del state.x` is a `KeyError` if there is no `x`",
        "it is an `AttributeError`, like reading it",
        "catch `AttributeError`",
        ("values", Program("State", Step("make"), (Step("delete attribute", ("a",)),))),
        lambda seen: _named(seen, "delete attribute") if _says(seen, "State", "delete attribute") else (),
    ),
    Difference(
        "header lines",
        "a header value with a line break is passed to the server",
        "setting it is a `ValueError`",
        "check texts of clients before you set them as headers",
        ("values", Program("MutableHeaders", Step("make"), (Step("set", ("x", "a\r\nb")),))),
        all_of_it(lambda seen: _says(seen, "MutableHeaders", "\\n")),
    ),
    Difference(
        "vary of headers",
        "`add_vary_header()` adds names to `*`, `*` to names, and a name that is there already",
        "`*` stays alone, and a name is listed once",
        NOTHING_TO_DO,
        ("values", Program("MutableHeaders", Step("make", ({"vary": "*"},)), (Step("add_vary_header", ("accept",)),))),
        all_of_it(
            lambda seen: (
                _says(seen, "MutableHeaders", "add_vary_header")
                and (_says(seen, "MutableHeaders", "''") or _says(seen, "MutableHeaders", "'*'") or _twice(seen))
            )
        ),
    ),
    Difference(
        "a port in a hostname",
        '`URL.replace(hostname="x.example:8080")` adds the old port: `x.example:8080:80`',
        "the new port replaces the old one, and an invalid hostname is a `ValueError`",
        NOTHING_TO_DO,
        (
            "values",
            Program("URL", Step("make", ("http://h:80/",)), (Step("replace", (), (("hostname", "x.example:8080"),)),)),
        ),
        all_of_it(lambda seen: _says(seen, "URL", "x.example:8080") or _says(seen, "URL", "x:y")),
    ),
    Difference(
        "odd ports",
        "`URL.replace()` of user, password, host or port is a `ValueError` if the old port is above 65535, and removes"
        " its leading zeros",
        "it keeps or replaces the port",
        NOTHING_TO_DO,
        ("values", Program("URL", Step("make", ("http://h:65536/",)), (Step("replace", (), (("hostname", "x"),)),))),
        all_of_it(lambda seen: _says(seen, "URL", ":65536") or _says(seen, "URL", ":000080")),
    ),
    Difference(
        "a password alone",
        "`URL.replace(password=...)` without a user name loses the password",
        "it keeps it",
        NOTHING_TO_DO,
        ("values", Program("URL", Step("make", ("http://h/",)), (Step("replace", (), (("password", "x"),)),))),
        lambda seen: _named(seen, "replace") if _says(seen, "URL", "password=") else (),
    ),
]
