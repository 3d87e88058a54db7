"""The files for containers, Compose and Kubernetes agree with the application and with each other."""

import json
import re
from typing import Any

import pytest
import yaml

from examples.scaled.application import app
from signette.cli.command import make_parser
from tests.test_architecture import ROOT

DEPLOY = ROOT / "examples/scaled/deploy"
MANIFESTS: dict[str, Any] = {
    each["kind"]: each for each in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8"))
}
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
PODS = MANIFESTS["Deployment"]["spec"]["template"]
(CONTAINER,) = PODS["spec"]["containers"]
WEB = COMPOSE["services"]["web"]


def docker_command() -> list[str]:
    """The command of the image: a list in JSON, so that no shell is between the platform and the server."""
    (command,) = re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)
    words: list[str] = json.loads(command)
    return words


COMMANDS = {"Dockerfile": docker_command(), "compose": WEB["command"], "kubernetes": CONTAINER["command"]}


def options_of(name: str) -> Any:
    assert COMMANDS[name][0] == "signette"
    return make_parser().parse_args(COMMANDS[name][1:])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_is_one_of_signette(name: str) -> None:
    options = options_of(name)
    assert (options.app, options.host, options.port) == ("examples.scaled:app", "0.0.0.0", 8000)


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_a_probe_asks_for_a_route_of_the_application(probe: str) -> None:
    request = CONTAINER[probe]["httpGet"]
    assert str(app.url_path_for(request["path"].strip("/"))) == request["path"]
    assert request["port"] in {port["name"] for port in CONTAINER["ports"]}


def test_readiness_waits_longer_than_the_checks() -> None:
    (route,) = [each for each in app.routes if getattr(each, "path", "") == "/readyz"]
    assert CONTAINER["readinessProbe"]["timeoutSeconds"] > route.endpoint.__self__.timeout


def test_the_pod_lives_until_it_has_drained() -> None:
    options = options_of("kubernetes")
    stop = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert PODS["spec"]["terminationGracePeriodSeconds"] >= stop + options.drain_delay + 2 * options.graceful_timeout
    assert options.drain_delay >= CONTAINER["readinessProbe"]["periodSeconds"]


def test_compose_waits_until_the_container_has_drained() -> None:
    options = options_of("compose")
    assert int(WEB["stop_grace_period"].removesuffix("s")) > options.drain_delay + 2 * options.graceful_timeout


def test_the_parts_of_the_manifests_belong_together() -> None:
    labels = PODS["metadata"]["labels"]
    deployment = MANIFESTS["Deployment"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert MANIFESTS["Service"]["spec"]["selector"] == labels
    assert MANIFESTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert MANIFESTS["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    (port,) = MANIFESTS["Service"]["spec"]["ports"]
    assert port["targetPort"] == CONTAINER["ports"][0]["name"]
    assert CONTAINER["ports"][0]["containerPort"] == options_of("kubernetes").port
    assert "replicas" not in deployment["spec"]
    assert {"requests", "limits"} <= CONTAINER["resources"].keys()


def test_the_url_of_the_state_is_a_secret() -> None:
    (variable,) = CONTAINER["env"]
    assert variable["name"] == "STATE_URL"
    secret = variable["valueFrom"]["secretKeyRef"]
    text = (DEPLOY / "kubernetes.yaml").read_text("utf-8")
    assert f"create secret generic {secret['name']} --from-literal={secret['key']}=" in text


def test_compose_has_the_engine_that_the_application_uses() -> None:
    host, port = re.fullmatch(r"redis://(\w+):(\d+)", WEB["environment"]["STATE_URL"]).groups()  # type: ignore[union-attr]
    assert host in COMPOSE["services"]
    assert port == "6379"
    assert WEB["depends_on"][host]["condition"] == "service_healthy"
    assert "healthcheck" in COMPOSE["services"][host]
    assert (DEPLOY / WEB["build"]["context"]).resolve() == ROOT
    assert (ROOT / WEB["build"]["dockerfile"]).is_file()


def test_the_image_copies_what_exists_and_runs_without_root_rights() -> None:
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources), line
    assert f"USER {PODS['spec']['securityContext']['runAsUser']}\n" in DOCKERFILE
