"""Expected files: compared or written, counted over a run, and whole trees of them."""
