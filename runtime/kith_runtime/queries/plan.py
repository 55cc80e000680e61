"""A question compiled for a set of rights: statements as text with the order of their binds, and a reader of rows.

Compiling happens once for a question and set of rights; afterwards a page costs one dictionary look-up, the database's
own work and a conversion of those columns that need one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlalchemy import ARRAY, Connection, Dialect, Select, Text, bindparam, func, literal_column, select
from sqlalchemy import ColumnElement as Element
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import operators
from sqlalchemy.sql.visitors import iterate

from kith_platform.database.json_text import dump_json
from kith_platform.database.types import IdText
from kith_runtime.access.filters import ME
from kith_runtime.context import Context
from kith_runtime.queries.expression_sql import prepare
from kith_runtime.queries.folding import Folding, folding_of
from kith_runtime.queries.late_values import LateValues
from kith_runtime.queries.outputs import Output, Reader, maker_of
from kith_runtime.queries.paging import SortKey, Step, limits_of, order_of
from kith_runtime.queries.query import COUNT_CAP
from kith_runtime.scopes import environment_of

LIMIT, IDS, RELATED = "kith_limit", "kith_ids", "kith_related"
_USUAL_ROWS = frozenset(rows + 1 for rows in (1, 5, 10, 20, 25, 50, 100, 200))
"""One row more than a page has tells whether another follows."""

_PATTERNS = frozenset({operators.like_op, operators.ilike_op})

_COUNTS = frozenset({("count", True), ("count", False)})


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text ready for the driver. ``constants`` are binds with a value of their own, already converted.

    ``unfold`` takes shared columns of the fetched rows apart, see ``folding``. ``options`` are what the driver is told:
    left to itself, it lets PostgreSQL keep one plan for all values after a few runs.
    """

    sql: str
    order: tuple[str, ...] | None
    constants: Mapping[str, Any]
    functions: bool
    unfold: Callable[[Sequence[Any]], Sequence[Any]] | None = None
    options: Mapping[str, bool] = field(default_factory=dict)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Return all rows as the driver gives them."""
        if self.functions:
            prepare(connection)
        merged = {**self.constants, **values}
        given: Any = (
            {name: merged[name] for name in self.constants}
            if self.order is None
            else tuple([merged[name] for name in self.order])
        )
        # The driver's own cursor: what SQLAlchemy would do around it costs as much as a small page.
        cursor: Any = connection.connection.cursor()
        try:
            cursor.execute(self.sql, given, **self.options)
            rows: Sequence[Any] = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._fault(connection, error, given, cursor) from error
        finally:
            cursor.close()
        return rows if self.unfold is None else self.unfold(rows)

    def _fault(self, connection: Connection, error: Exception, given: Any, cursor: Any) -> BaseException:
        """Wrap a driver's error as SQLAlchemy does, so that the database service understands it."""
        dialect = connection.dialect
        lost = dialect.is_disconnect(cast("Any", error), connection.connection, cursor)
        if lost:
            connection.invalidate()
        found = DBAPIError.instance(
            self.sql, given, error, dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=dialect
        )
        return cast("BaseException", found)


def statement_of(query: Select[Any], dialect: Dialect, *, functions: bool) -> Statement:
    """Compile a query for a dialect."""
    compiled = query.compile(dialect=dialect)
    constants = dict(compiled.params)
    for name, bind in compiled.binds.items():
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None and constants.get(name) is not None:
            constants[name] = convert(constants[name])
    order = tuple(compiled.positiontup or ()) if compiled.positional else None
    return Statement(str(compiled), order, constants, functions, options=_options(query, dialect))


def _options(query: Select[Any], dialect: Dialect) -> Mapping[str, bool]:
    """Return what the driver is told about a query: one that looks for parts of texts is planned for each text.

    A common plan reads an index of parts for a word that half the records hold, and every record for a rare one.
    """
    if dialect.name != "postgresql":
        return {}
    looks = any(getattr(element, "operator", None) in _PATTERNS for element in iterate(query))
    return {"prepare": False} if looks else {}


@dataclass
class Plan:
    """A compiled question. Its statements are made when they are first needed: few lists are read backwards.

    ``uses`` says what of the surroundings is built in. ``base`` are the conditions of all statements, ``keys`` the
    order with the id at its end; the selected elements end with the elements of the keys, the version before them.
    """

    dialect: Dialect
    elements: list[Element[Any]]
    clause: Any
    base: list[Element[bool]]
    keys: tuple[SortKey, ...]
    outputs: tuple[Output, ...]
    uses: frozenset[str]
    functions: bool
    mark: str
    values: Reader = field(init=False)
    json: Reader = field(init=False)
    width: int = field(init=False)
    _folding: Folding | None = field(init=False)
    late: LateValues | None = None
    _statements: dict[Any, Statement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Build the readers; everything else waits."""
        self.values = self._reader(as_json=False)
        self.json = self._reader(as_json=True)
        self.width = len(self.elements)
        self._folding = folding_of(self.elements, self.dialect)

    def binds(self, ctx: Context) -> dict[str, Any]:
        """Return the binds that follow from who asks and when."""
        found = actor_binds(ctx)
        if self.late is not None and self.late.parts:
            found |= self.late.given(environment_of(ctx), self.dialect)
        return found

    @property
    def links(self) -> tuple[int, ...]:
        """The places of many-to-many lookups among the outputs."""
        return tuple(number for number, output in enumerate(self.outputs) if output.link)

    def _reader(self, *, as_json: bool) -> Reader:
        makers, first = [], 0
        for output in self.outputs:
            makers.append(maker_of(output, first, self.dialect, as_json=as_json))
            first += len(output.elements)
        return Reader(tuple(makers), tuple(output.name for output in self.outputs))

    def page(self, step: Step, rows: int) -> Statement:
        """Return the statement of one step through the list, which reads at most so many rows.

        Usual numbers stand in the statement. PostgreSQL plans a statement anew each time while it cannot tell how many
        rows are wanted, and for a page of a list that takes longer than reading it does.
        """
        if rows in _USUAL_ROWS:
            return self._statement((step, rows), lambda: self._page(step).limit(literal_column(str(rows))))
        given: Any = bindparam(LIMIT, None, literal_column("1").type)
        return self._statement(step, lambda: self._page(step).limit(given))

    def one(self) -> Statement:
        """Return the statement that reads one record by its id."""
        return self._statement("one", lambda: self._select().limit(literal_column("1")))

    def one_of_many(self) -> Statement:
        """Return the statement that reads the records of a list of ids, in no order."""
        return self._statement("ids", self._select)

    def count(self, *, capped: bool) -> Statement:
        """Return the statement that counts all records of the question."""
        return self._statement(("count", capped), lambda: self._count(capped))

    def _statement(self, key: Any, build: Callable[[], Select[Any]]) -> Statement:
        found = self._statements.get(key)
        if found is None:
            found = statement_of(build(), self.dialect, functions=self.functions)
            if self._folding is not None and key not in _COUNTS:
                found = replace(found, unfold=self._folding.unfold)
            self._statements[key] = found
        return found

    def _select(self) -> Select[Any]:
        # Labels keep columns of the same name apart; rows are read by position.
        elements = self.elements if self._folding is None else self._folding.elements
        named = [element.label(f"c{number}") for number, element in enumerate(elements)]
        return select(*named).select_from(self.clause).where(*self.base)

    def _page(self, step: Step) -> Select[Any]:
        return self._select().where(*limits_of(self.keys, step)).order_by(*order_of(self.keys, step))

    def _count(self, capped: bool) -> Select[Any]:
        rows: Select[Any] = select(literal_column("1").label("one")).select_from(self.clause).where(*self.base)
        if capped:
            rows = rows.limit(literal_column(str(COUNT_CAP + 1)))
        return select(func.count()).select_from(rows.subquery())


def among(column: Element[Any], name: str, dialect: str) -> Element[bool]:
    """Return the condition that a column holds one of many texts, given as one bind so that the statement stays one."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(name, None, Text())).table_valued("value")
        return column.in_(select(each.c.value))
    return column == func.any(bindparam(name, None, ARRAY(Text())))


def chosen_ids(column: Element[Any], name: str, count: int, dialect: str) -> Element[bool]:
    """Return the condition that an id is one of those given as a bind: a plain comparison where it is one.

    PostgreSQL guesses that a list holds ten ids, and then reads a small table whole rather than through its index.
    """
    return column == id_bind(name) if count == 1 else among(column, name, dialect)


def given_chosen(ids: Sequence[str], dialect: str) -> Any:
    """Return ids as the value of the bind that :func:`chosen_ids` made for so many."""
    return ids[0] if len(ids) == 1 else given_ids(ids, dialect)


def given_ids(ids: Sequence[str], dialect: str) -> Any:
    """Return ids as the value of the bind that :func:`among` made; what no id can be is left out."""
    known = [item for item in ids if item.isascii() and item.isalnum()]
    return "[" + ",".join(f'"{item}"' for item in known) + "]" if dialect == "sqlite" else known


def given_names(names: Sequence[str], dialect: str) -> Any:
    """Return names of entities and fields as the value of the bind that :func:`among` made."""
    return dump_json(list(names)) if dialect == "sqlite" else list(names)


def actor_binds(ctx: Context) -> dict[str, Any]:
    """Return the binds that follow from the actor."""
    return {ME: ctx.actor.id}


def id_bind(name: str) -> Any:
    """Return a bind for one id."""
    return bindparam(name, None, IdText())
