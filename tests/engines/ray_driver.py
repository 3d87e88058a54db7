"""Serves the example by Ray Serve, uses it as clients do, and prints what it has found as one line of JSON.

A separate process: Ray starts others, and is not to be loaded into that of the tests.
"""

import json
import os
import signal
import sys
import threading
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ray
from ray import serve
from websockets.sync.client import connect

from examples.scaled.deploy.ray_serve import deployment

SECONDS = 60


def main(port: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}"

    def send(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        headers = {"content-type": "application/json", "x-request-id": "abc"}
        request = urllib.request.Request(url + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            return response.status, response.read()

    def visit(_: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(send("POST", "/visits")[1])
        return found

    found: dict[str, Any] = {"ready": send("GET", "/readyz")[0]}
    with ThreadPoolExecutor(8) as threads:
        visits = list(threads.map(visit, range(100)))
    replicas = Counter(each["process"] for each in visits)
    found |= {"counts": sorted(each["count"] for each in visits), "replicas": replicas}

    address = url.replace("http", "ws") + "/notes/feed"
    stream = urllib.request.urlopen(f"{url}/notes/events", timeout=SECONDS)
    with stream, connect(address) as one, connect(address) as other:
        found["posted"] = send("POST", "/notes", b'{"text": "hello"}')[0]
        found["sockets"] = [json.loads(socket.recv(SECONDS)) for socket in (one, other)]
        lines = iter(stream.readline, b"")
        found["event"] = next(line.decode().strip() for line in lines if line.startswith(b"data:"))

    # A replica that dies is replaced; what it has counted is in Redis.
    killed = min(replicas)
    os.kill(int(killed.rpartition("-")[2]), signal.SIGKILL)
    later: set[str] = set()
    failed = 0
    count = 0
    expired = threading.Event()
    timer = threading.Timer(SECONDS, expired.set)
    timer.start()
    while not expired.is_set() and len(later - {killed}) < 2:
        try:
            answer = visit(0)
        except OSError:
            failed += 1
            continue
        later.add(answer["process"])
        count = answer["count"]
    timer.cancel()
    return found | {"after kill": len(later - {killed}), "failed": failed, "last count": count}


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(deployment)
    try:
        result = main(int(sys.argv[1]))
    finally:
        serve.shutdown()
        ray.shutdown()
    sys.stdout.write("\n" + json.dumps(result) + "\n")
