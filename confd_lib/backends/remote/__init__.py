"""Stores that are reached over the network: one file each, and the parts that they share.

The parts are `addresses`, `tls`, `web` (HTTP), `flat` (snapshots) and `following` (watches). No
store imports from another one. `gateway` is a part of etcd; `tree`, `session` and `wire` are parts
of ZooKeeper.
"""
