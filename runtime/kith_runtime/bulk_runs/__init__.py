"""One piece of work over many records: fixed at its start, done in parts, stopped, gone on with and taken back.

Nothing runs in the background. Whoever began a run asks for its parts one after the other, each a transaction of its
own, so a run survives the end of the process, a closed browser and a lost network: it stays where it was until its
owner goes on.
"""

from __future__ import annotations

from kith_runtime.bulk_runs.runs import MOST_RECORDS, advance, begin, cancel, draft, held, ids_of, take_back
from kith_runtime.bulk_runs.store import Outcome, Run, open_runs, problems_of

__all__ = [
    "MOST_RECORDS",
    "Outcome",
    "Run",
    "advance",
    "begin",
    "cancel",
    "draft",
    "held",
    "ids_of",
    "open_runs",
    "problems_of",
    "take_back",
]
