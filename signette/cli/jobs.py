"""`signette jobs`: list the jobs of an application."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from signette.app import App
from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, load
from signette.declarative.inspection.explain import type_text
from signette.declarative.jobs.declared import JobDefinition


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jobs`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(do=list_jobs)


def list_jobs(args: argparse.Namespace) -> int:
    """List the jobs: name, arguments, options and function."""
    described = [describe_job(each) for each in jobs_of(load(args.app), args.app).values()]
    if args.json:
        print(json.dumps(described, indent=2))
        return 0
    for job in described:
        arguments = ", ".join(
            f"{each['name']}: {each['type']}{'' if each['required'] else ' = ...'}" for each in job["arguments"]
        )
        options = ", ".join(f"{name}={job[name]}" for name in ("retries", "retry_delay", "timeout", "result_ttl"))
        print(f"{job['name']}({arguments}) -> {job['result']}")
        print(f"  options   {options}{', key=...' if job['has_key'] else ''}")
        print(f"  function  {job['function']['name']} ({job['function']['file']}:{job['function']['line']})")
    return 0


def jobs_of(app: Any, name: str) -> Mapping[str, JobDefinition]:
    """The jobs of an application, by name.

    Raises:
        UsageError: it has none.
        SignatureError: a job is not valid.
    """
    found = app.router.jobs_by_name() if isinstance(app, App) else {}
    if not found:
        raise UsageError(f"`{name}` has no jobs\n  hint: write `@app.job` before a function")
    for each in found.values():
        each.check()
    return found


def describe_job(job: JobDefinition) -> dict[str, Any]:
    """A job as JSON."""
    return {
        "name": job.name,
        "function": {"name": job.where.name, "file": job.where.file, "line": job.where.line},
        "arguments": [
            {"name": name, "type": type_text(each.type.annotation), "required": each.required}
            for name, each in job.arguments.items()
        ],
        "result": type_text(job.result.annotation),
        "retries": job.retries,
        "retry_delay": job.retry_delay,
        "timeout": job.timeout,
        "result_ttl": job.result_ttl,
        "has_key": job.key is not None,
    }
