"""What the pages of administration share: sections, their permissions, and the page that asks first."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from kith_runtime.actors import Permission
from kith_runtime.administration import people
from kith_runtime.context import Context
from kith_runtime.screens.rendering import Page, render
from kith_runtime.web.state import context


@dataclass(frozen=True, slots=True)
class Section:
    """A part of administration, seen by whoever has its permission."""

    name: str
    label: str
    icon: str
    permission: Permission
    description: str

    @property
    def url(self) -> str:
        """The address of its first page."""
        return f"/admin/{self.name}"


SECTIONS = (
    Section("people", "People", "users", "people", "Add people, let them in, and shut them out."),
    Section("roles", "Roles", "user-shield", "roles", "What each role allows, and who holds it."),
    Section("access", "Access", "help-circle", "roles", "Why somebody can or cannot see or change something."),
    Section("tokens", "API tokens", "key", "tokens", "Every program that works in somebody’s name."),
    Section("sessions", "Sessions", "devices", "sessions", "Every browser that is signed in now."),
    Section("settings", "Settings", "adjustments", "publish", "What the apps are told about your organisation."),
    Section("publishes", "Publishes", "rocket", "publish", "What changed in the system itself, by whom and when."),
    Section("audit", "Audit trail", "history", "audit", "Who let whom in, and what they were allowed to do."),
)


@dataclass(frozen=True, slots=True)
class AdminPage(Page):
    """A page of administration; ``section`` is the one it stands in."""

    section: str = ""
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """The way on from a page of a long list; empty addresses at its ends."""

    first: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmPage(AdminPage):
    """Asks before something that ends what people rely on. ``consequences`` are whole sentences."""

    consequences: tuple[str, ...] = ()
    button: str = ""
    back: str = "/admin"
    action: str = ""


def entered(permission: Permission) -> Context:
    """Return the context of a request that needs a permission; raises Forbidden without it."""
    ctx = context()
    people.require(ctx, permission)
    return ctx


def sections_of(ctx: Context) -> tuple[Section, ...]:
    """Return the sections that the actor may enter."""
    return tuple(section for section in SECTIONS if section.permission in ctx.actor.permissions)


def confirm(page: ConfirmPage) -> Response:
    """Show a page that asks first; its button posts to the address of the page itself."""
    return render("admin_confirm.html", page)


def here() -> str:
    """Return the address of this page, for a form that posts back to it."""
    return request.path
