"""Tools for testing templates: strategies of simulated stacks, and what pytest needs to use them.

Loaded by tests only; nothing of it is imported by a running confd.
"""
