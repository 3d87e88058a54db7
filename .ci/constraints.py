"""Write `constraints.txt`: for all that `make` installs, the newest versions that pip puts together.

    python .ci/constraints.py PYTHON...          # write the file, resolved by each of these Pythons in turn
    python .ci/constraints.py --newer PYTHON...  # write nothing; print the versions that differ from the file's

The extras, all dependency groups, pip and the build requirements are resolved together, because they may share one
virtual environment. Give the oldest Python first: the others take its versions and add what they alone need.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "constraints.txt"
HEAD = """\
# The versions that `make` installs, resolved together on Python {versions}. Written by `make upgrade`.
# The package itself asks for ranges of versions: see pyproject.toml.
"""

Versions = dict[str, str]


def resolve(python: str, known: Versions) -> Versions:
    """The version of each distribution that this Python would install; those in `known` are fixed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = ["pip", "editables", *project["build-system"]["requires"], "--editable", f"{ROOT}[all]"]
    for group in project["dependency-groups"]:
        asked += ["--group", f"{ROOT / 'pyproject.toml'}:{group}"]
    with tempfile.TemporaryDirectory() as folder:
        run(python, "-m", "venv", folder)
        pip = [f"{folder}/bin/python", "-m", "pip", "-qq", "--disable-pip-version-check", "install"]
        run(*pip, "--upgrade", "pip")
        fixed, report = Path(folder, "known.txt"), Path(folder, "report.json")
        fixed.write_text("".join(f"{name}=={version}\n" for name, version in known.items()), "utf-8")
        run(*pip, "--dry-run", "--ignore-installed", "--report", str(report), "--constraint", str(fixed), *asked)
        found = [entry["metadata"] for entry in json.loads(report.read_text("utf-8"))["install"]]
    own = project["project"]["name"]
    versions = {re.sub(r"[-_.]+", "-", entry["name"]).lower(): entry["version"] for entry in found}
    return {name: version for name, version in sorted(versions.items()) if name != own}


def lines(known: Versions) -> str:
    return "".join(f"{name}=={version}\n" for name, version in sorted(known.items()))


def read() -> Versions:
    kept = [line.partition("==") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {name: version for name, _, version in kept}


def run(*command: str) -> None:
    subprocess.run(command, check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--newer", action="store_true")
    parser.add_argument("pythons", nargs="+", metavar="PYTHON")
    options = parser.parse_args()
    known: Versions = {}
    for python in options.pythons:
        known |= resolve(python, known)
    if not options.newer:
        versions = ", ".join(map(version_of, options.pythons))
        FILE.write_text(HEAD.format(versions=versions) + lines(known), "utf-8")
        return
    kept = read()
    sys.stdout.write(lines({name: version for name, version in known.items() if kept.get(name) != version}))


def version_of(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
