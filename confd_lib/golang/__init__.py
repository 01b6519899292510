"""Parts of Go's library that confd's templates and files rely on, and that Python lacks.

Each module has the name of Go's package. Knows nothing of confd.
"""
