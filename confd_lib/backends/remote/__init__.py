"""Stores that are reached over the network: a folder or a file each, and the parts that they share.

The parts are `addresses`, `tls`, `web` (HTTP), `flat` (snapshots) and `following` (watches). No
store imports from another one.
"""
