"""ZooKeeper by kazoo: `store` is the backend, and can be imported without kazoo."""
