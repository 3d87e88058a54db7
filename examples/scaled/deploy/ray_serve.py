"""The application as a deployment of Ray Serve: `serve run examples.scaled.deploy.ray_serve:deployment`.

Ray Serve starts the replicas, restarts those that fail, scales them, and sends them requests, streams and WebSockets.
What they share is in Redis: `STATE_URL` of the environment in which Ray starts the replicas.
"""

from ray import serve

from examples.scaled.application import app


@serve.deployment(
    num_replicas=2,
    max_ongoing_requests=100,
    # A stream without an end keeps a replica until this timeout.
    graceful_shutdown_timeout_s=20,
    health_check_period_s=5,
    ray_actor_options={"num_cpus": 0.25},
)
@serve.ingress(app)
class Notes:
    """A replica: the application with its lifespan."""


deployment = Notes.bind()
