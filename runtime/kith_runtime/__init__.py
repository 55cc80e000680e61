"""Executes published metadata: tables, records, queries, rights, screens and the API."""
