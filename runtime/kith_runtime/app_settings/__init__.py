"""Settings that apps declare and administrators set: their values, for expressions and for administration."""
