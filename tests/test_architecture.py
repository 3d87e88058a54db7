"""The layers of packages: what each module may import, as tables. docs/architecture.md has the same map."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "signette"

# From the lowest layer up. `name.*` is a package with its `__init__`. A file imports from its layer and lower ones.
LAYERS = {
    "ground": (
        "_version _dataclasses _patterns _directories _frameworks _overrides _per_class _per_loop _scope_keys"
        " _thread_owned _tracking _pickled_call _process_call _interpreter_call"
        " _threads types status logger logging limits convertors concurrency draining paths _http.*"
    ),
    "values": "error_entries exceptions background datastructures.* state.*",
    "connection": "conditional connection body forms.* formparsers formstream requests websockets problems responses.*",
    "web": (
        "authentication middleware.* direct routing.* endpoints staticfiles templating applications config schemas"
        " _app_tasks.* testclient.*"
    ),
    "declarative": "declarative.*",
    "application": (
        "app cbv channels cli.* compat errors events exception_handlers executors formats health security.* sources"
        " sockets encoders openapi.* params policies jobs uploads resources port.* client.* prove.*"
        " contract.* mcp.* __main__"
    ),
}
FACE = "signette"

# The packages of `declarative/`, also from the lowest up.
PACKAGES = [
    "fields", "signature", "core_schema", "adapters", "formats", "sockets", "channels", "streams", "errors", "security",
    "returns",
    "problems", "policies", "sources", "checks", "plan", "binding", "jobs", "inspection", "routing", "openapi",
]  # fmt: skip

PYDANTIC = "declarative.fields.* declarative.core_schema.* declarative.adapters.* client.runtime.* client.generate.*"

# Each library has one adapter module. A pattern is one of the files that it matches.
LIBRARIES = {
    "pydantic": PYDANTIC,
    "pydantic_core": PYDANTIC,
    "annotated_types": "client.generate.metadata",  # pydantic's constraints
    "orjson": "_http.json",
    "python_multipart": "forms.scanner",
    "jinja2": "templating",
    "itsdangerous": "middleware.sessions",
    "brotli": "middleware.compressors",
    "zstandard": "middleware.compressors",
    "compression": "middleware.compressors",  # in the standard library, from Python 3.14 on
    "httpx2": "testclient.* client.runtime.*",
    "stamina": "client.runtime.*",
    "websockets": "client.runtime.*",
    "httpx": "testclient.*",
    "mcp": "mcp.server",
    "uvicorn": "cli.server_uvicorn",
    "granian": "cli.server_granian",
    "hypercorn": "cli.server_hypercorn",
    "rich": "cli.colors",
    "opentelemetry": "middleware.opentelemetry",
    "yaml": "schemas",
    "libcst": "port.*",
    "sniffio": "state.loops",
    "taskiq": "declarative.jobs.streams",
    "taskiq_redis": "declarative.jobs.streams",
    "limits": "declarative.policies.rate_counters",
    "redis": "state.redis_client",
    "ormsgpack": "declarative.formats.messagepack client.runtime.*",
    "jsonpatch": "declarative.adapters.json_patch",
    "schemathesis": "prove.generation",
    "hypothesis": "prove.generation",
    "requests": "prove.generation",
    "jsonschema_rs": "prove.schemas",
}
# A whole package can be an adapter.
IMPORTED_BY_PACKAGES = {"pydantic", "pydantic_core", "libcst", "httpx2", "ormsgpack"}
EVERYWHERE = {"anyio"}
# Files whose source becomes part of a generated module: they may import these libraries and each other only.
# httpx2 needs anyio.
RUNTIME = "signette.client.runtime"
OF_RUNTIME = {"anyio", "pydantic", "pydantic_core", "httpx2", "stamina", "websockets", "ormsgpack"}
# Optional libraries are imported where they are used.
OPTIONAL = {
    "jinja2", "itsdangerous", "httpx2", "httpx", "uvicorn", "granian", "hypercorn", "rich", "opentelemetry", "yaml",
    "redis", "taskiq", "taskiq_redis", "ormsgpack", "jsonpatch", "brotli", "zstandard", "compression", "stamina",
    "websockets",
}  # fmt: skip
# These tables do not see an import by name: only the top-level package does it, the command for its `app`, and the
# table of names of a port.
IMPORT_BY_NAME = {
    FACE, "signette.client", "signette.declarative.errors", "signette.mcp",
    "signette.cli.completion", "signette.cli.loading", "signette.cli.porting",
    "signette.cli.prove", "signette.port.names", "signette.prove", "signette.routing",
}  # fmt: skip
# Names of the typed half that a package of the toolkit imports on first use; the import is for type checkers only.
ON_FIRST_USE = {("signette.routing", "signette.declarative.routing.routes")}
# What only an engine with a URL, a `Process` or a client needs: it is imported on first use.
WITH_AN_ENGINE = {
    ("signette.declarative.signature.executors", "signette._process_call"),
    ("signette.declarative.signature.executors", "signette._interpreter_call"),
    ("signette.state.backend", "signette.state.redis"),
    ("signette.state.loops", "sniffio"),
    ("signette.app", "signette.client.async_client"),
    ("signette.cli.mcp", "signette.mcp.server"),
    ("signette.declarative.jobs.system", "signette.declarative.jobs.streams"),
    ("signette.declarative.jobs.system", "signette.declarative.jobs.worker"),
}
# What most applications never call: the function that calls it imports it, so that all others start sooner.
WHEN_CALLED = {
    ("signette.app", "signette.declarative.inspection.explain"),
    ("signette.app", "signette.declarative.inspection.unreachable"),
    ("signette.declarative.routing.planned", "signette.declarative.inspection.explain"),
    ("signette.declarative.routing.router_stack", "signette.declarative.inspection.explain"),
    ("signette.declarative.routing.router_stack", "signette.middleware.cors"),
    ("signette.declarative.routing.route_attributes", "signette.declarative.inspection.dependant"),
    ("signette.declarative.routing.frontend_routes", "signette.declarative.routing.frontend"),
    ("signette.declarative.openapi.documented", "signette.declarative.openapi.document"),
    ("signette.declarative.openapi.documented", "signette.declarative.openapi.asyncapi"),
    ("signette.declarative.openapi.pages", "signette.declarative.openapi.document"),
}


@dataclass(frozen=True)
class Import:
    """One imported module, and its location: the whole path of signette's modules, the first word of a library."""

    module: str
    target: str
    line: int
    nested: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


@cache
def modules() -> dict[str, Path]:
    """Dotted name -> file, of all of signette; a package is its `__init__.py`."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imports_of(module: str, tree: ast.Module, known: frozenset[str]) -> Iterator[Import]:
    """Every import statement of a file: at the top, in functions, and in `if TYPE_CHECKING`."""
    nested = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, _shortened(alias.name), node.lineno, id(node) in nested)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} is a relative import: write the module's whole name"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                # `from signette._http import json` names a module, `from signette.types import Send` not.
                target = whole if whole in known else str(node.module)
                yield Import(module, _shortened(target), node.lineno, id(node) in nested)


def _shortened(target: str) -> str:
    first = target.split(".", maxsplit=1)[0]
    return target if first == FACE else first


@cache
def all_imports() -> tuple[Import, ...]:
    known = frozenset(modules())
    return tuple(found for module in known for found in imports_of(module, tree_of(module), known))


@cache
def ours() -> list[Import]:
    return [
        found
        for found in all_imports()
        if found.target.startswith(FACE) and (found.module, found.target) not in ON_FIRST_USE
    ]


def fits(module: str, patterns: str) -> bool:
    short = module.removeprefix(f"{FACE}.")
    return any(fnmatchcase(short, pattern) or short == pattern.removesuffix(".*") for pattern in patterns.split())


@cache
def layer_of(module: str) -> int:
    if module == FACE:
        return len(LAYERS)
    return next((index for index, patterns in enumerate(LAYERS.values()) if fits(module, patterns)), -1)


def is_face(module: str) -> bool:
    return modules()[module].name == "__init__.py"


def parents_of(module: str) -> Iterator[str]:
    """The packages around a module, whose `__init__` Python runs before it."""
    parts = module.split(".")
    for length in range(2, len(parts)):
        yield ".".join(parts[:length])


def report(broken: list[str]) -> str:
    return "\n".join(sorted(broken))


def test_every_module_has_a_layer() -> None:
    missing = [module for module in modules() if layer_of(module) < 0]
    assert not missing, f"add to LAYERS: {missing}"


def test_no_import_goes_up_a_layer() -> None:
    broken = [str(found) for found in ours() if layer_of(found.target) > layer_of(found.module)]
    assert not broken, report(broken)


def package_of(module: str) -> str | None:
    """The package of `declarative/` that a module is in."""
    _, declarative, inner = module.partition(f"{FACE}.declarative.")
    return inner.partition(".")[0] if declarative else None


def test_every_file_of_the_declarative_half_is_in_one_of_its_packages() -> None:
    assert {package for module in modules() if (package := package_of(module))} == set(PACKAGES)


def test_packages_of_the_declarative_half_import_from_lower_ones_only() -> None:
    levels = {package: level for level, package in enumerate(PACKAGES)}
    inner = [(found, package_of(found.module), package_of(found.target)) for found in ours()]
    broken = [str(found) for found, own, other in inner if own and other and levels[other] > levels[own]]
    assert not broken, report(broken)


def test_every_import_of_ours_names_a_module_that_is_there() -> None:
    broken = [str(found) for found in ours() if found.target not in modules()]
    assert not broken, report(broken)


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in modules()}
    for found in ours():
        graph[found.module].add(found.target)
        # An import from outside a package runs its `__init__` first, and so all imports of the `__init__`.
        graph[found.module].update(
            parent for parent in parents_of(found.target) if not f"{found.module}.".startswith(f"{parent}.")
        )
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"a circle: {' <- '.join(circle.args[1])}")


def test_names_are_imported_from_the_file_that_defines_them() -> None:
    broken = [
        str(found)
        for found in ours()
        if found.target in modules() and is_face(found.target) and not is_face(found.module)
    ]
    assert not broken, report(broken)


def test_only_optional_libraries_are_imported_inside_functions() -> None:
    nested = [found for found in all_imports() if found.nested and found.target not in OPTIONAL]
    broken = [str(found) for found in nested if (found.module, found.target) not in WITH_AN_ENGINE | WHEN_CALLED]
    assert not broken, report(broken)


def test_every_library_is_declared_and_is_imported_by_its_adapter() -> None:
    broken = []
    for found in all_imports():
        library = found.target
        if library.startswith(FACE) or library in sys.stdlib_module_names or library in EVERYWHERE:
            continue
        if library not in LIBRARIES or not fits(found.module, LIBRARIES[library]):
            broken.append(f"{found}; its adapter is {LIBRARIES.get(library, 'nowhere: add it to LIBRARIES')}")
    assert not broken, report(broken)


@pytest.mark.parametrize("library", sorted(LIBRARIES.keys() - IMPORTED_BY_PACKAGES))
def test_a_library_is_used_through_one_file(library: str) -> None:
    assert len({found.module for found in all_imports() if found.target == library}) <= 1


def test_imports_by_name_stand_only_where_names_come_as_text() -> None:
    broken = [
        f"{module}:{node.lineno}"
        for module in modules()
        if module not in IMPORT_BY_NAME
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}
    ]
    assert not broken, report(broken)


def test_every_folder_with_modules_is_a_package() -> None:
    assert [str(file.parent) for file in modules().values() if not (file.parent / "__init__.py").exists()] == []


def test_no_file_has_more_than_420_lines_and_half_of_them_less_than_130() -> None:
    lengths = {module: len(file.read_text(encoding="utf-8").splitlines()) for module, file in modules().items()}
    assert {module: length for module, length in lengths.items() if length > 420} == {}
    assert median(lengths.values()) < 130


def test_no_function_has_more_than_60_lines() -> None:
    long = [
        f"{module}:{node.lineno} {node.name}"
        for module in modules()
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert not long, report(long)


def test_every_module_says_what_it_holds() -> None:
    silent = [module for module in modules() if not ast.get_docstring(tree_of(module))]
    assert not silent, report(silent)


def loaded_by(statement: str) -> set[str]:
    """The names of the loaded modules in a new interpreter after `statement`."""
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_the_toolkit_loads_neither_pydantic_nor_the_declarative_half() -> None:
    declarative = list(LAYERS).index("declarative")
    toolkit = sorted(module for module in modules() if 0 <= layer_of(module) < declarative)
    assert "signette.requests" in toolkit
    loaded = loaded_by(f"import {', '.join(toolkit)}")
    assert set(toolkit) <= loaded
    assert not {name for name in loaded if name.startswith(("pydantic", "signette.declarative", "signette.app."))}
    assert "signette.app" not in loaded


def test_the_package_loads_nothing_until_a_name_is_used() -> None:
    assert {name for name in loaded_by("import signette") if name.startswith(f"{FACE}.")} == set()


def test_an_application_without_redis_loads_neither_asyncio_nor_an_optional_library() -> None:
    """Start-up time: what only one engine needs is loaded with its URL."""
    loaded = loaded_by("from signette import App; App().openapi()")
    assert "signette.state.backend" in loaded
    assert not loaded & {"asyncio", "ssl", "subprocess", *OPTIONAL, "redis", "limits", "taskiq", "rich"}
    assert not {name for name in loaded if name.startswith(("signette.state.redis.", "signette.state.redis_feed"))}


# The rules, applied to imports that break them.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import orjson.x", [("orjson", False)]),
        ("from signette._http import json", [("signette._http.json", False)]),
        ("from signette._http.json import dumps", [("signette._http.json", False)]),
        ("if TYPE_CHECKING:\n    from signette.requests import Request", [("signette.requests", False)]),
        ("async def f():\n    import jinja2", [("jinja2", True)]),
        ("class A:\n    import signette.app", [("signette.app", False)]),
    ],
)
def test_every_form_of_import_is_seen(source: str, expected: list[tuple[str, bool]]) -> None:
    known = frozenset({"signette._http.json", "signette._http", "signette.requests", "signette.app"})
    assert [(i.target, i.nested) for i in imports_of("m", ast.parse(source), known)] == expected


@pytest.mark.parametrize(
    ("module", "layer"),
    [
        ("signette.types", 0),
        ("signette._http", 0),
        ("signette._http.json", 0),
        ("signette.datastructures.url", 1),
        ("signette.declarative.sources.table", 4),
        ("signette.app", 5),
        ("signette", 6),
        ("signette.utils", -1),
        ("signette.typesetting", -1),
    ],
)
def test_a_module_finds_its_layer(module: str, layer: int) -> None:
    assert layer_of(module) == layer


def runtime_modules() -> list[str]:
    return [module for module in modules() if module.startswith(f"{RUNTIME}.")]


def test_the_runtime_of_clients_needs_nothing_of_ours() -> None:
    broken = [
        str(found)
        for found in all_imports()
        if found.module.startswith(f"{RUNTIME}.")
        and not (found.target in OF_RUNTIME | sys.stdlib_module_names or found.target in runtime_modules())
    ]
    assert not broken, report(broken)


def test_the_files_of_the_runtime_can_become_one_module() -> None:
    """No two of them define the same name, and no import renames one."""
    defined: dict[str, str] = {}
    broken = []
    for module in runtime_modules():
        for node in tree_of(module).body:
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(RUNTIME):
                broken += [f"{module} renames {alias.name}" for alias in node.names if alias.asname]
            for name in _names_defined_by(node):
                if defined.setdefault(name, module) != module:
                    broken.append(f"`{name}` is defined in {defined[name]} and in {module}")
    assert not broken, report(broken)


def _names_defined_by(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
