"""The files of the runtime as parts of a generated module."""

import ast
import subprocess
import sys
from pathlib import Path

from signette.client.generate.imports import import_lines
from signette.client.generate.runtime_source import RuntimeFile, defined_names, runtime_files


def source_of(files: list[RuntimeFile]) -> str:
    imports = import_lines({pair for file in files for pair in file.imports}, {})
    return "\n\n".join(["from __future__ import annotations", imports, *(file.body for file in files)])


def test_a_file_comes_with_those_that_it_imports_and_after_them() -> None:
    names = [file.name for file in runtime_files(["UnexpectedResponse"])]
    assert names == ["spec", "transport", "errors"]


def test_only_the_files_that_are_used_are_copied() -> None:
    assert "sockets" not in {file.name for file in runtime_files(["BaseAsyncClient", "async_items"])}
    assert "sockets" in {file.name for file in runtime_files(["async_socket"])}


def test_the_whole_runtime_is_one_module_that_needs_nothing_of_ours(tmp_path: Path) -> None:
    text = source_of(runtime_files(defined_names()))
    assert "signette.client" not in text
    assert not [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom) and node.col_offset and "httpx2" not in ast.unparse(node)
    ]
    (tmp_path / "runtime.py").write_text(text, encoding="utf-8")
    code = "import sys; sys.modules['signette'] = None; import runtime; print(runtime.BaseClient)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "<class 'runtime.BaseClient'>\n"


def test_optional_libraries_are_imported_by_name_where_they_are_used() -> None:
    retries = next(file for file in runtime_files(["Retries"]) if file.name == "retries")
    assert 'stamina = import_module("stamina")' in retries.body
    assert ("importlib", "import_module") in retries.imports
