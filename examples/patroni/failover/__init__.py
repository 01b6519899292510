"""PostgreSQL's leader is killed, and HAProxy and PgBouncer follow by the files of confd.

__main__ ─▶ story ─▶ site ─┬─▶ etcd        the store
(flags)     (steps)        ├─▶ members     Patroni and PostgreSQL
                           ├─▶ stand_ins   play them where they are not installed
                           └─▶ proxies     HAProxy, PgBouncer
"""
