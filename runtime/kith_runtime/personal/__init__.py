"""What belongs to one person and not to the business: how they like to work, and what they should look at."""

from __future__ import annotations
