"""Redis and Valkey by redis-py: `store` is the backend, and can be imported without redis-py."""
