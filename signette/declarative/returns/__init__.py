"""Return kinds, one file and one row each. `table.py` lists them in the order in which they are tried."""
