"""The tables of the reference are those of the code: a new or changed row needs a new line."""

import ast
import re
from inspect import signature

import pytest

from signette import security
from signette.app import App
from signette.declarative.jobs.declared import JobDefinition, JobOptions
from signette.declarative.routing.merging import _COMBINED
from signette.declarative.routing.options import AppOptions, RouteOptions, RouterOptions, WebSocketOptions
from signette.declarative.routing.router import Router
from signette.declarative.routing.verbs import Verbs
from signette.declarative.signature.marker_functions import Depends, Security
from signette.declarative.signature.markers import Body, Cookie, File, Form, Header, Marker, Path, Query
from signette.declarative.sources import table as sources_table
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES
from signette.problems import Problem
from signette.security import __all__ as security_names
from signette.testclient import AsyncTestClient, TestClient
from tests.docs import generated
from tests.docs.tables import first_names, names_in, table_of

EVERY_SCHEME = {"scheme_name", "description", "auto_error"}


def test_a_source_claims_something_without_a_marker_exactly_where_its_row_does() -> None:
    claims = {line[0]: not line[2].startswith("nothing") for line in table_of("reference/sources", "sources")}
    # A name in the path is claimed by the planner: the row does not know the path.
    expected = {generated.name_of(sources_table, row): row.claims_if is not None for row in SOURCES} | {"`PATH`": True}
    assert claims == expected


def test_a_source_of_ones_own_is_documented_by_names_that_sources_have() -> None:
    named = set(first_names("how-to/custom-parameter-source", "attributes of Source"))
    assert len(named) > 6
    assert named <= vars(Source).keys()


def test_each_option_of_a_job_has_its_line_with_its_default() -> None:
    async def send() -> None: ...

    job = JobDefinition(send, {})
    lines = {line[0].strip("`"): line[1] for line in table_of("reference/jobs", "options of a job")}
    assert lines.keys() == JobOptions.__annotations__.keys()
    defaults = {name: f"`{getattr(job, name)!r}`".replace(".0`", "`") for name in lines if name != "name"}
    assert {name: lines[name] for name in defaults} == defaults


def test_each_marker_has_its_line() -> None:
    assert first_names("reference/markers", "markers") == [
        marker.__name__ for marker in (Path, Query, Header, Cookie, Body, Form, File)
    ]


def test_each_argument_of_all_markers_has_its_line() -> None:
    assert sorted(first_names("reference/markers", "arguments of every marker")) == sorted(
        set(signature(Marker).parameters) - {"unexpected"}
    )


@pytest.mark.parametrize("marker", [Path, Query, Header, Cookie, Body, Form, File])
def test_a_markers_own_arguments_are_in_its_line(marker: type[Marker]) -> None:
    line = next(line for line in table_of("reference/markers", "markers") if line[0] == f"`{marker.__name__}`")
    own = set(signature(marker).parameters) - set(signature(Marker).parameters) - {"options"}
    assert own <= set(names_in(line[2]))


def test_each_argument_of_app_has_its_line() -> None:
    assert sorted(first_names("reference/app", "arguments of App")) == sorted(
        set(signature(App).parameters) - {"options"} | AppOptions.__annotations__.keys()
    )


@pytest.mark.parametrize(
    ("page", "table", "of", "least"),
    [
        ("reference/app", "arguments of App", App, 5),
        ("reference/app", "arguments of Router", Router, 1),
        ("reference/testing", "arguments of TestClient", TestClient, 5),
    ],
)
def test_a_default_next_to_an_argument_belongs_to_it(page: str, table: str, of: type, least: int) -> None:
    documented = dict(pair for line in table_of(page, table) for pair in re.findall(r"`(\w+)=([^`]+)`", line[0]))
    assert len(documented) >= least
    own = signature(of).parameters
    # Options of routers have no default in a signature: an option that is not set differs from one set to its default.
    assert {name: ast.literal_eval(text) for name, text in documented.items() if name in own} == {
        name: own[name].default for name in documented if name in own
    }


def test_each_method_of_app_has_its_line() -> None:
    inside = {"limiter", "made"}
    public = {name for cls in (App, Verbs) for name in vars(cls) if not name.startswith("_")}
    assert (
        sorted(
            public
            - inside
            - {name for line in table_of("reference/app", "methods of App") for name in names_in(line[0])}
        )
        == []
    )


def test_each_argument_of_routers_has_its_line() -> None:
    assert sorted(first_names("reference/app", "arguments of routers")) == sorted(RouterOptions.__annotations__)


def test_arguments_of_routers_are_combined_as_the_table_says() -> None:
    *combined, innermost = table_of("reference/app", "arguments of routers")
    assert {name for row in combined for name in names_in(row[0])} == {"prefix", "version", "dependencies", *_COMBINED}
    assert not {*names_in(innermost[0])} & {*_COMBINED}


def test_each_argument_of_router_alone_has_its_line() -> None:
    assert first_names("reference/app", "arguments of Router") == [
        name for name in signature(Router).parameters if name != "options"
    ]


def test_the_options_that_a_websocket_takes_are_marked() -> None:
    rows = table_of("reference/app", "options of a route")
    assert {row[2] for row in rows} == {"yes", "no"}
    assert {name for row in rows if row[2] == "yes" for name in names_in(row[0])} == {*WebSocketOptions.__annotations__}


def test_each_argument_of_a_dependency_is_named() -> None:
    named = {
        name for line in table_of("reference/dependencies", "declarations") for name in re.findall(r"(\w+)=", line[0])
    }
    own = set(signature(Depends).parameters) | set(signature(Security).parameters)
    assert named - {"dependencies"} == own - {"dependency"}


def test_each_argument_of_a_test_client_has_its_line() -> None:
    assert first_names("reference/testing", "arguments of TestClient") == list(signature(TestClient).parameters)
    kept_out = {"backend", "backend_options"}
    assert set(signature(AsyncTestClient).parameters) == set(signature(TestClient).parameters) - kept_out


def test_each_argument_of_a_problems_class_has_its_line() -> None:
    documented = {
        name for line in table_of("reference/problems", "class arguments") for name in re.findall(r"`(\w+)=`", line[0])
    }
    assert documented == set(signature(Problem.__init_subclass__).parameters)


def test_the_places_of_errors_are_those_of_the_sources() -> None:
    line = next(line for line in table_of("reference/problems", "members of an error") if line[0] == "`in`")
    assert set(names_in(line[1])) == {row.place for row in SOURCES if row.marker is not None}


def test_each_option_of_a_route_has_its_line() -> None:
    assert sorted(first_names("reference/app", "options of a route")) == sorted(RouteOptions.__annotations__)


def test_each_security_scheme_has_its_line() -> None:
    assert sorted(
        [*first_names("reference/security", "schemes"), *first_names("reference/security", "other names")]
    ) == sorted(security_names)


@pytest.mark.parametrize("line", table_of("reference/security", "schemes"), ids=lambda line: line[0].strip("`"))
def test_a_scheme_is_written_with_its_own_arguments(line: list[str]) -> None:
    call = ast.parse(line[0].strip("`"), mode="eval").body
    assert isinstance(call, ast.Call)
    scheme = getattr(security, ast.unparse(call.func))
    documented = {*(ast.unparse(each) for each in call.args), *(str(each.arg) for each in call.keywords)}
    own = {name: each for name, each in signature(scheme).parameters.items() if name not in EVERY_SCHEME}
    assert documented <= set(own)
    assert {name for name, each in own.items() if each.default is each.empty} <= documented
