"""Checks the generated Python modules of the examples with ruff, mypy and pyright."""

import json
import subprocess
import sys
import sysconfig
from importlib import import_module
from pathlib import Path

from signette.client.generate.module import client_module

APPLICATIONS = {"airports": "examples.airports", "market": "examples.market", "tour": "examples.tour.typed"}
# In strict mode pyright wants types of the libraries that have none; what the modules pass on as `Any` is on purpose.
PYRIGHT = {"typeCheckingMode": "standard", "pythonVersion": "3.11", "include": ["."]}


def check(folder: Path) -> None:
    """Write the modules in a folder, and check them all at once. Raises SystemExit if a check fails."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, application in APPLICATIONS.items():
        source = client_module(import_module(application).app).source
        (folder / f"{name}_client.py").write_text(source, encoding="utf-8")
    (folder / "pyrightconfig.json").write_text(json.dumps(PYRIGHT), encoding="utf-8")
    files = [f"{name}_client.py" for name in APPLICATIONS]
    ruff = ["--isolated", "--line-length", "120"]
    run(folder, "ruff", "format", "--check", "--quiet", *ruff, *files)
    run(folder, "ruff", "check", "--quiet", *ruff, *files)
    run(folder, "mypy", "--strict", "--python-version", "3.11", "--config-file", "", *files)
    run(folder, "pyright", "--pythonpath", sys.executable)


def run(folder: Path, command: str, *args: str) -> None:
    program = Path(sysconfig.get_path("scripts")) / command
    done = subprocess.run([program, *args], cwd=folder, check=False)
    if done.returncode:
        raise SystemExit(f"{command} found errors in the generated modules in {folder}")
