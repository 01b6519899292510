"""The dialects of compose files: what their readers do differently."""
