"""What results become: one file a kind, one row each. `table.py` lists them in the order in which they are asked."""
