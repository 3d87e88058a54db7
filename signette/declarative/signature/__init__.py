"""What people write: markers, dependencies, outcomes, and the record of a callable and of its annotations."""
