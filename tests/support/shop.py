"""The frame of the small shops that tests write: the app, and members who may work with all of its records."""

from __future__ import annotations

from collections.abc import Mapping

from support.visitors import OFFICE

APP: Mapping[str, str] = {"shop/app.yaml": "app: shop\nlabel: Shop\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n"}
"""The app itself, for a test that writes everything else."""


def shop_for_members(*entities: str) -> Mapping[str, str]:
    """Return the app and the people of an office, whose members create, read, change and delete these entities."""
    grants = ", ".join(f"{entity}: {{create: true, read: all, update: all, delete: all}}" for entity in entities)
    clerk = f"role: clerk\nlabel: Clerk\ngrants: {{{grants}}}\n"
    return {
        **OFFICE,
        **APP,
        "shop/clerk.yaml": f"{clerk}---\npatch: role\nof: base.member\nset: {{includes: [clerk]}}\n",
    }
