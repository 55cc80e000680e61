"""One example document per kind for the reference pages; a test checks that they are sound together."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "app": """
app: library
label: Library
version: 1.0.0
description: Books and the people who borrow them.
settings:
  loan_days: {type: integer, default: 28, help: How long a book may stay away.}
""",
    "entity": """
entity: book
label: Book
plural: Books
icon: book
title: name
ownership: none
fields:
  name:   {type: text, required: true, max_length: 120, search: true}
  genre:  {type: choice, options_from: genre, default: novel}
  price:  {type: money, min: 0}
  bought: {type: date, label: Bought on}
  series: {type: lookup, to: book, on_delete: clear}
keys:
  name_in_genre: {fields: [name, genre]}
indexes:
  newest: {fields: [-bought]}
""",
    "option_set": """
option_set: genre
label: Genre
options:
  novel:   {label: Novel, hue: violet}
  history: {label: History, hue: amber}
""",
    "form": """
form: book
entity: book
highlights: [genre, price]
tabs:
  main:
    label: Book
    sections:
      about:
        label: About
        elements: {name: {width: full}, genre: {}, series: {}}
      buying:
        label: Buying
        folded: true
        elements: {price: {}, bought: {}}
related:
  parts: {entity: book, by: series, label: In this series, columns: [name, bought], sort: [-bought]}
""",
    "view": """
view: recent_books
entity: book
label: Recent
columns: {name: {width: 240}, genre: {}, price: {sum: true}, bought: {}}
where: price > 10 and genre == "novel"
sort: [-bought, name]
default: true
""",
    "menu": """
menu: main
label: Library
icon: books
items:
  books:  {entity: book, key: b}
  recent: {view: recent_books, label: Recent}
""",
    "role": """
role: librarian
label: Librarian
description: Keeps the books.
grants:
  book: {create: true, read: all, update: all, delete: price < 5, fields: {price: read}}
""",
    "data": """
data: books
entity: book
purpose: demo
records:
  middlemarch: {name: Middlemarch, genre: novel, bought: 2026-03-01}
  annals:      {name: Annals, genre: history, bought: "= today() - days(7)"}
""",
}
