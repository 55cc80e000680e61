"""The tables, and the engine that opens them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    text,
)

METADATA = MetaData()
_KEY = BigInteger().with_variant(Integer(), "sqlite")
_MOMENT = DateTime(timezone=True)

PERSON = Table(
    "person",
    METADATA,
    Column("id", _KEY, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
)
MEMBERSHIP = Table(
    "membership",
    METADATA,
    Column("person_id", ForeignKey(PERSON.c.id), primary_key=True),
    Column("team_id", _KEY, primary_key=True),
    Index("ix_membership_team", "team_id", "person_id"),
)
SESSION = Table(
    "session",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("person_id", ForeignKey(PERSON.c.id), nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
)
CAMPAIGN = Table("campaign", METADATA, Column("id", _KEY, primary_key=True), Column("name", Text, nullable=False))
PRODUCT = Table("product", METADATA, Column("id", _KEY, primary_key=True), Column("name", Text, nullable=False))
TAG = Table("tag", METADATA, Column("id", _KEY, primary_key=True), Column("name", Text, nullable=False))
COUNTER = Table("counter", METADATA, Column("name", Text, primary_key=True), Column("value", _KEY, nullable=False))
LEAD = Table(
    "lead",
    METADATA,
    Column("id", _KEY, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", ForeignKey(PERSON.c.id)),
    Column("updated_at", _MOMENT, nullable=False),
    Column("updated_by", ForeignKey(PERSON.c.id)),
    Column("deleted_at", _MOMENT),
    Column("owner_id", ForeignKey(PERSON.c.id), nullable=False),
    Column("name", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("company", Text),
    Column("job_title", Text),
    Column("email", Text),
    Column("mobile", Text),
    Column("phone", Text),
    Column("website", Text),
    Column("status", Text, nullable=False),
    Column("rating", Integer),
    Column("source", Text),
    Column("campaign_id", ForeignKey(CAMPAIGN.c.id)),
    Column("interest_id", ForeignKey(PRODUCT.c.id)),
    Column("value_cents", BigInteger),
    Column("value_currency", Text),
    Column("region", Text),
    Column("country", Text),
    Column("answer_due_at", _MOMENT),
    Column("answered_at", _MOMENT),
    Column("last_contact_on", Date),
    Column("next_step", Text),
    Column("next_step_on", Date),
    Column("reason", Text),
    Column("converted_on", Date),
    Column("email_consent", Text),
    Column("description", Text),
    Index("ix_lead_newest", "created_at", "id"),
    Index("ix_lead_owner", "owner_id", "created_at", "id"),
    Index("ix_lead_status", "status", "created_at"),
    Index("ix_lead_email", "email"),
    Index("ix_lead_campaign", "campaign_id"),
    Index("ix_lead_interest", "interest_id"),
)
LEAD_TAG = Table(
    "lead_tag",
    METADATA,
    Column("lead_id", ForeignKey(LEAD.c.id), primary_key=True),
    Column("tag_id", ForeignKey(TAG.c.id), primary_key=True),
)
HISTORY = Table(
    "lead_history",
    METADATA,
    Column("id", _KEY, primary_key=True),
    Column("lead_id", ForeignKey(LEAD.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("person_id", ForeignKey(PERSON.c.id), nullable=False),
    Column("at", _MOMENT, nullable=False),
    Column("changes", JSON, nullable=False),
    Index("ix_history_lead", "lead_id", "id"),
)

# The database keeps the search index: triggers feed SQLite's FTS5, a generated column feeds PostgreSQL's GIN index.
_SQLITE_SEARCH = (
    (
        "CREATE VIRTUAL TABLE lead_search USING fts5(name, number, company, email, content='lead', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    ),
    (
        "CREATE TRIGGER lead_search_add AFTER INSERT ON lead BEGIN INSERT INTO lead_search "
        "(rowid, name, number, company, email) VALUES (new.id, new.name, new.number, new.company, new.email); END"
    ),
    (
        "CREATE TRIGGER lead_search_change AFTER UPDATE OF name, number, company, email ON lead BEGIN "
        "INSERT INTO lead_search (lead_search, rowid, name, number, company, email) "
        "VALUES ('delete', old.id, old.name, old.number, old.company, old.email); "
        "INSERT INTO lead_search (rowid, name, number, company, email) "
        "VALUES (new.id, new.name, new.number, new.company, new.email); END"
    ),
)
_POSTGRES_SEARCH = (
    (
        "ALTER TABLE lead ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', name || ' ' || "
        "number || ' ' || coalesce(company, '') || ' ' || translate(coalesce(email, ''), '@.-_', '    '))) STORED"
    ),
    "CREATE INDEX ix_lead_words ON lead USING gin (words)",
)


def open_engine(url: str) -> Engine:
    """Return an engine with the same durability and cache sizes as Kith's."""
    if url.startswith("postgresql"):
        # No idle round trips: a request that only reads is one transaction of its own.
        return create_engine(
            url,
            pool_size=12,
            max_overflow=0,
            pool_use_lifo=True,
            connect_args={"options": "-c timezone=UTC -c jit=off"},
        )
    engine = create_engine(
        url, pool_size=12, max_overflow=0, pool_use_lifo=True, connect_args={"isolation_level": None, "timeout": 5}
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            raw.execute(f"PRAGMA {pragma}")
        raw.execute("PRAGMA cache_size=-16384")
        raw.execute("PRAGMA mmap_size=268435456")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def create_tables(engine: Engine) -> None:
    """Make all tables and the search index in an empty database."""
    with writing(engine) as connection:
        METADATA.create_all(connection)
        for statement in _SQLITE_SEARCH if engine.dialect.name == "sqlite" else _POSTGRES_SEARCH:
            connection.execute(text(statement))


def writing(engine: Engine) -> Any:
    """Return a transaction that writes; on SQLite it takes the one write lock at its begin."""
    return (
        engine.execution_options(begin="BEGIN IMMEDIATE").begin() if engine.dialect.name == "sqlite" else engine.begin()
    )
