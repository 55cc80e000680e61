"""Reading business data: lists, single records, sums, titles, search and history, always within the actor's rights.

The public functions stand in ``reading`` (select, get, count, titles, related), ``aggregate``, ``search.find`` and
``history``; this file imports none of them, because ``access`` builds on the expression engine that lives here.
"""
