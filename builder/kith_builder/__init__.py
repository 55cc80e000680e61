"""Edits metadata; nothing of the runtime depends on it."""
