"""Audit: an append-only log whose rows are chained by hashes."""

from __future__ import annotations

from kith_platform.audit.log import AuditLog, Entry, Filter, Record

__all__ = ["AuditLog", "Entry", "Filter", "Record"]
