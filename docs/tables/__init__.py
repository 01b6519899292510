"""Pages that are made of the tables in the code: `python -m docs.tables` writes them."""
