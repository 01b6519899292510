"""What the commands take, as data, and scripts by which shells complete it."""
