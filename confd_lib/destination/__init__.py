"""From rendered bytes to the destination: compare, stage, check, swap, run commands."""
