"""Real stores on loopback, for tests of what speaks to them.

A store is started by the fixtures of `tests.servers.fixtures`, filled and read by its own methods,
never by the code under test, and ended with the test. `tests.servers.stores.Store` names what all
of them offer; a store's `server` starts, stops, kills and freezes its program.
"""
