"""The functions of the expression language, one family per file."""
