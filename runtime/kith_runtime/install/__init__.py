"""Install what comes with apps besides metadata: seed and demo records, and the first administrator."""
