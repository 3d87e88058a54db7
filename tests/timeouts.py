"""How long a test waits for what comes at once: only one that fails waits so long, on however slow a machine."""

SECONDS = 60
