"""From rendered bytes to the file that is wanted: compare, stage, check, swap, run commands."""
