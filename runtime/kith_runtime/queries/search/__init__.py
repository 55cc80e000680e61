"""The global search: an index of the searchable fields of all records, kept true by the records door.

Finding stands in ``find``; this file offers only what writes the index, because ``records`` stands below it.
"""

from __future__ import annotations

from kith_runtime.queries.search.index import (
    add_records,
    index_record,
    index_records,
    remove_entity,
    remove_record,
    remove_records,
)

__all__ = ["add_records", "index_record", "index_records", "remove_entity", "remove_record", "remove_records"]
