"""Parts of Go's library whose values and functions templates use, and that Python lacks.

A front door: each module has the name of Go's package. Knows neither templates nor confd.
"""
