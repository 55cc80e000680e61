"""Records that a person marked: favourites stand in the navigation, followed ones tell the person what changes."""

from __future__ import annotations
