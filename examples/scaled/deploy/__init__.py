"""Files for containers, Compose, Kubernetes and Ray Serve."""
