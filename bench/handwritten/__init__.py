"""A leads app as an expert writes it by hand with Flask and SQLAlchemy Core: the measure that Kith is held against.

It imports nothing of Kith. It does for one entity what Kith does for every entity: sessions in the database, a
representative sees only own and team leads, checked input, optimistic versions, a history row for each write, keyset
pages, full-text search, HTML and JSON. It is written for speed where that costs no clarity: statements are built once,
pages read exactly what they show, tables have the indexes that the lists need.
"""
