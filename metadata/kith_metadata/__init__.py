"""The metadata language: its kinds, loading with exact error places, layers and snapshots; no web, no database."""
