"""Any server on loopback: program, port, process, certificates, and a proxy before it."""
