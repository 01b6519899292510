"""Tests of the sdist, the wheel, and what is done with them."""
