"""The declarative half: a handler's typed signature, read once into a plan, and all that reads the plan."""
