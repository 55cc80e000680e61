"""What a delete takes along and what keeps it, in words: “Their 9 tasks go too. You can undo for 30 days.”"""

from __future__ import annotations

from collections.abc import Sequence

from kith_runtime.context import Context
from kith_runtime.records.going import MOST, Going
from kith_runtime.screens.list_shape import plural_of

MOST_NAMED = 4
UNDO = "You can undo for 30 days."


def along_words(ctx: Context, going: Going, *, several: bool) -> str:
    """Return what goes along as a sentence; blank when nothing does."""
    if not going.along:
        return ""
    one = sum(count for _, count in going.along) == 1 and not going.more
    return f"{'Their' if several else 'Its'} {listed(ctx, going.along, going)} {'goes' if one else 'go'} too."


def with_words(ctx: Context, going: Going) -> str:
    """Return what went along after the title of what was deleted: “ and its 2 tasks”; blank when nothing did."""
    return f" and its {listed(ctx, going.along, going)}" if going.along else ""


def holding_words(ctx: Context, going: Going, *, several: bool) -> str:
    """Return what keeps records from being deleted as a sentence; blank when nothing does."""
    if not going.holding and not going.hidden:
        return ""
    who = listed(ctx, going.holding, going) if going.holding else "Records that you may not see"
    one = sum(count for _, count in going.holding) == 1 and not going.more
    verb = "holds" if one else "hold"
    if several:
        return f"{who} {verb} on to some of them, and those stay."
    return f"{who} {verb} on to it, so it cannot be deleted. Change or delete {'that' if one else 'those'} first."


def listed(ctx: Context, counts: Sequence[tuple[str, int]], going: Going) -> str:
    """Return counts as people say them: “2 tasks, 1 quote and 3 lines”; numbers that are the least bear a plus."""
    parts = []
    for name, count in counts[:MOST_NAMED]:
        entity = ctx.snapshot.entity(name)
        plus = "+" if going.more or count >= MOST else ""
        noun = ctx.snapshot.said(entity.label if count == 1 and not plus else plural_of(entity))
        parts.append(f"{ctx.locale.number(count)}{plus} {noun}")
    rest = sum(count for _, count in counts[MOST_NAMED:])
    if rest:
        parts.append(f"{ctx.locale.number(rest)} other records")
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
