"""Where values come from: one file a source, one row each. `table.py` lists them."""
