"""HAProxy in front of web servers that register in etcd; confd writes its configuration.

__main__ ─▶ story ─▶ site ─┬─▶ etcd ─────▶ gateway
(flags)     (steps)        ├─▶ balancer  (HAProxy)
                           ├─▶ web ──────▶ gateway   (a program of its own)
                           └─▶ clients
"""
