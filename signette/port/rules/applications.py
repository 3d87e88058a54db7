"""Rules for calls that make applications, and for what is set on them."""

from collections.abc import Callable

import libcst as cst

from signette.port.rules.rule import Rule, View, keywords


def makes(name: str, *options: str) -> Callable[[cst.Call, View], bool]:
    """Match calls of a class with one of these keyword arguments; an option that ends in `*` is a prefix."""

    def matches(call: cst.Call, view: View) -> bool:
        given = keywords(call)
        if not any(_fits(key, option) for key in given for option in options):
            return False
        return view.name_of(call.func) == name

    return matches


def _fits(key: str, option: str) -> bool:
    return key.startswith(option[:-1]) if option.endswith("*") else key == option


def _registers_events(call: cst.Call, view: View) -> bool:
    del view
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "on_event" and len(call.args) == 1


RULES = (
    Rule(
        "on-event",
        "events",
        "`on_event` is deprecated, and does not run if there is a `lifespan=`",
        "move what the functions do to `lifespan=`",
        (cst.Call,),
        _registers_events,
    ),
    Rule(
        "unused-option",
        "unused_arguments",
        "the option has no effect without `docs=SwaggerUI()`, and an `UnusedOptionWarning` names what to use",
        "pass `docs=SwaggerUI()` of `signette.openapi.docs` for Swagger UI, trace with `OpenTelemetryMiddleware`",
        (cst.Call,),
        makes("App", "swagger_ui_*", "telemetry"),
    ),
    Rule(
        "raw-data",
        "text of an event",
        "`ServerSentEvent` has no `raw_data`: a string in `data` is sent unchanged",
        "write `data=` for `raw_data=`, and `data=json.dumps(text)` for a JSON string",
        (cst.Call,),
        makes("ServerSentEvent", "raw_data"),
    ),
)
