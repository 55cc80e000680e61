"""Measures Kith against a hand-written app on the same data, server and machine. Run ``python -m bench --help``."""
