"""The SQL side of the function families, one file per family under the same name as in the language."""
