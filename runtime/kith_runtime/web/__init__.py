"""The web server's frame: who asks, on which snapshot, with which headers; screens and API stand on it."""
