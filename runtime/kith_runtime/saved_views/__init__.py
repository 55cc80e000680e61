"""Views that people keep: what they saw, under a name, for themselves or for others, and how they like their lists."""

from __future__ import annotations

from kith_runtime.saved_views.book import Book, SavedView, book_of
from kith_runtime.saved_views.kept import Kept

__all__ = ["Book", "Kept", "SavedView", "book_of"]
