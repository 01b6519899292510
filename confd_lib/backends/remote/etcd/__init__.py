"""etcd by the JSON gateway of its v3 API: `store` is the backend."""
