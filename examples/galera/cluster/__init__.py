"""A Galera cluster of real servers that grows with the stack of `examples/galera`.

__main__ ─▶ story ─▶ cluster ─▶ node ─▶ server
(flags)     (steps)  (stack)    (a container: its confd and its server)
"""
