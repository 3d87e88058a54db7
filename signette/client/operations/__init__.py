"""Plans -> what a client knows of operations."""
