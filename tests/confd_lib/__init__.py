"""Tests of confd_lib, module by module."""
