"""The command ``kith``: one file for each group of commands."""
