"""Random typed expressions and records for `expression_bench`, from a seed: far faster than drawing every part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from kith_metadata.values import Money, Reference
from support.expression_bench import OPTIONS

LETTERS = "aAbBzZ äÄéÉжЖßΣ%_'\"\\.-9<&\t"
EDGES = (date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29), date(2023, 2, 28), date(2024, 1, 31), date(2021, 1, 3))
SIGNS = ("==", "!=", "<", "<=", ">", ">=")
COUNTS = ("-1", "0", "1", "3", "5.9", "quantity", "weight")

# Names and literals by type; names stand twice as often.
LEAVES: Mapping[str, tuple[str, ...]] = {
    "number": ("quantity", "weight", "factor", "share", "amount", "budget", "account.revenue", "stage.probability",
               "stage.order", "me.limit", "0", "1", "3", "12", "0.1", "0.20", "1.005", "2.5", "100",
               "0.000000000000000001", "99999999999999999999"),
    "text": ("name", "note", "account.industry", "me.region", "stage", "name", "note", '""', '"a"', '"äB z"', '"9"',
             '" "', '"-9.9"'),
    "boolean": ("active", "active", "true", "false"),
    "date": ("close_date", "start_date", "close_date", "start_date", "today()", "date_of(now())"),
    "datetime": ("created_at", "seen_at", "created_at", "seen_at", "now()"),
    "duration": ("effort", "pause", "effort", "pause", "days(1)", "days(0.5)", "days(-40)", "days(3000000)"),
    "time": ("opens", "opens", "time_now()", 'time("23:59:59.999")', 'time("0:00")'),
    "record": ("owner", "account.owner", "me", "me.manager"),
}  # fmt: skip

# How an expression of a type is put together: {n} stands for a number, {t} for a text and so on, {c} for a count.
_KINDS = {
    "n": "number",
    "t": "text",
    "b": "boolean",
    "d": "date",
    "m": "datetime",
    "l": "duration",
    "h": "time",
    "r": "record",
}
FORMS: dict[str, tuple[str, ...]] = {
    "number": (
        "({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} / {n})", "-{n}", "round({n}, {c})", "truncate({n}, {c})",
        "round({n})", "abs({n})", "min({n}, {n})", "max({n}, {n})", "len({t})", "year({d})", "month({d})", "day({d})",
        "({d} - {d})", "floor({n})", "ceiling({n})", "round_up({n})", "round_down({n})", "mod({n}, {n})",
        "({n} ** {c})", "({n} ** 1000000)", "power({n}, -3)", "sqrt({n})", "exp({n})", "ln({n})", "log10({n})",
        "weekday({d})", "iso_week({d})", "iso_year({d})", "day_of_year({d})", "hour({h})", "minute({m})", "second({m})",
        "millisecond({h})", "hour({m})", "unix_time({d})", "unix_time({m})", "unix_time({h})", "in_days({l})",
        "in_hours({l})", "in_minutes({l})", "in_seconds({l})", "option_count(labels)",
        "sin({n})", "cos({n})", "tan({n})", "asin({n})", "atan2({n}, {n})",
        "number({t})", "number(text({n}))", "code({t})", "find({t}, {t})", "find({t}, {t}, {c})",
    ),
    "text": (
        "({t} + {t})", "lower({t})", "upper({t})", "trim({t})", "left({t}, {c})", "right({t}, {c})",
        "mid({t}, {c}, {c})", "repeat({t}, {c})", "pad_left({t}, {c})", "pad_right({t}, {c}, {t})",
        "pad_left({t}, {c}, {t})", "replace({t}, {t}, {t})", "reverse({t})", "title_case({t})", "url_encode({t})",
        "html_encode({t})", "script_encode({t})", "char({n})", "char(code({t}))", "text({n})", "text({d})",
        "text({m})", "text({h})", "format_duration({l})", "format_duration({n}, {b})", "format_duration({l}, {b})",
        "text({t})",
    ),
    "boolean": (
        "({n} {s} {n})", "({n} {s} {n})", "({t} {s} {t})", "({d} {s} {d})", "({m} {s} {m})", "({l} {s} {l})",
        "({h} {s} {h})",
        "({b} == {b})", "({r} != {r})", "({r} == {r})", "({b} and {b})", "({b} or {b})", "(not {b})", "is_blank({x})",
        "({x} == blank)", "({x} != blank)", "({t} in {t})", "({t} not in {t})", "contains({t}, {t})",
        "starts_with({t}, {t})", "ends_with({t}, {t})", '({t} in ["aA", "won", blank])',
        "({n} not in [1, 0.2, 2.50, 100])", "({n} in [1, 0.2, 2.50, 100])", '(stage in ["won", "propose"])',
        '("vip" in labels)', "(blank not in labels)", "(team in me.teams)", "({n} < {n} <= {n})",
        'opens > "12:00"', 'close_date >= "2024-02-29"', "subject == blank", "is_number({t})",
        "is_number(text({n}))", "like({t}, {t})", 'matches({t}, "(?i)[[:alpha:]]*.?")',
    ),
    "date": (
        "({d} + {l})", "({d} - {l})", "add_months({d}, {i})", "add_months({d}, quantity)", "min({d}, {d})",
        "max({d}, {d})", "date_of({m})", "date({n}, {c}, {c})", "date(year({d}), {c}, day({d}))", "date({t})",
        "start_of_week({d})", "start_of_month({d})", "end_of_month({d})", "start_of_quarter({d})",
        "start_of_year({d})", "add_months({d}, weight)",
    ),
    "datetime": (
        "({m} + {l})", "({m} - {l})", "moment({d})", "moment({t})", "from_unix_time({f})",
        "from_unix_time(unix_time({m}))",
    ),
    "time": ("({h} + {l})", "({h} - {l})", "time_of({m})", "time({t})", "({l} + {h})"),
    "duration": (
        "({l} + {l})", "({l} - {l})", "({l} * {f})", "({m} - {m})", "-{l}", "days({f})",
        "({h} - {h})", "hours({f})", "minutes({f})", "seconds({f})",
    ),
    "record": (),
}  # fmt: skip
_ALL = (
    "({0} if {b} else {0})", "blank_value({0}, {0})", "({0} if {b} else blank)", "if_error({0}, {0})",
    "case({n}, {n}, {0}, 1, {0}, {0})", "case({t}, name, {0}, {t}, {0})", "case({d}, {d}, {0}, {0})",
)  # fmt: skip
_FACTORS = ("2", "0.3", "quantity", "weight", "share", "factor")
_OTHERS = ("labels", "extra", "subject", "account")


def expression(random: Random, kind: str, depth: int) -> str:
    """Return the text of a random expression of a type."""
    if depth <= 0 or random.random() < 0.12:
        return random.choice(LEAVES[kind])
    letter = next(letter for letter, name in _KINDS.items() if name == kind)
    forms = FORMS[kind] + (() if kind == "record" else _ALL) + (_ALL[:1] if kind == "record" else ())
    form = random.choice(forms).replace("{0}", "{" + letter + "}")
    return _filled(random, form, depth)


def _filled(random: Random, form: str, depth: int) -> str:
    parts: dict[str, Callable[[], str]] = {
        "s": lambda: random.choice(SIGNS),
        "c": lambda: random.choice(COUNTS),
        "f": lambda: random.choice(_FACTORS),
        "i": lambda: str(random.randint(-30, 30)),
        "x": lambda: (
            expression(random, random.choice(tuple(FORMS)), depth - 1)
            if random.random() < 0.7
            else random.choice(_OTHERS)
        ),
    }
    pieces, rest = [], form
    while "{" in rest:
        before, _, after = rest.partition("{")
        letter, _, rest = after.partition("}")
        part = parts[letter]() if letter in parts else expression(random, _KINDS[letter], depth - 1)
        pieces += [before, part]
    return "".join([*pieces, rest])


def record(random: Random) -> dict[str, Any]:
    """Return a random record of `expression_bench`; a quarter of its values is blank."""

    def maybe(value: Any) -> Any:
        return None if random.random() < 0.25 else value

    account = {
        "id": "a1",
        "industry": maybe(_text(random)),
        # The bench has no currency beside it.
        "revenue": maybe(Money(_decimal(random, 4), "")),
        "owner": maybe(random.choice(("u1", "u2"))),
    }
    return {
        "name": maybe(_text(random)),
        "note": maybe(_text(random)),
        "quantity": maybe(random.choice((random.randint(-9, 9), random.randint(-(2**62), 2**62)))),
        "weight": maybe(_decimal(random, 2)),
        "factor": maybe(_decimal(random, 4)),
        "share": maybe(_decimal(random, 2)),
        "amount": maybe(_money(random)),
        "budget": maybe(_money(random)),
        "active": maybe(random.random() < 0.5),
        "close_date": maybe(_date(random)),
        "start_date": maybe(_date(random)),
        "created_at": maybe(_moment(random)),
        "seen_at": maybe(_moment(random)),
        "opens": maybe(time(random.randint(0, 23), random.randint(0, 59), random.randint(0, 59))),
        "effort": maybe(_duration(random)),
        "pause": maybe(_duration(random)),
        "owner": maybe(random.choice(("u1", "u2"))),
        "account": maybe(account),
        "subject": maybe(Reference("sales.account", "a1")),
        "extra": maybe(random.choice(([], {"a": 1}, "x"))),
        "stage": maybe(random.choice(OPTIONS)),
        "labels": maybe(random.choice(((), ("vip",), ("new",), ("vip", "new")))),
        "team": maybe(random.choice(("t1", "t9"))),
    }


def _text(random: Random) -> str:
    if random.random() < 0.1:
        return random.choice(("12", "-0.50", " 7 ", "1e5", "2026-11-24", "10:30", "2011-1-9T5:2:33Z", "2024-02-30"))
    return "".join(random.choice(LETTERS) for _ in range(random.randint(0, 6)))


def _decimal(random: Random, places: int) -> Decimal:
    unit, whole = Decimal(1).scaleb(-places), Decimal(random.randint(-9, 9))
    large = random.randint(-(10**17), 10**17) * unit
    return random.choice((Decimal(0), random.randint(-500, 500) * unit, whole, large))


def _money(random: Random) -> Money:
    return Money(_decimal(random, 4), random.choice(("EUR", "EUR", "USD")))


def _date(random: Random) -> date:
    if random.random() < 0.4:
        return random.choice(EDGES)
    return date(2020, 1, 1) + timedelta(days=random.randint(0, 4000))


def _moment(random: Random) -> datetime:
    return datetime(1990, 1, 1, tzinfo=UTC) + timedelta(microseconds=random.randint(-(10**15), 2 * 10**15))


def _duration(random: Random) -> timedelta:
    return timedelta(seconds=random.choice((random.randint(-200_000, 200_000), random.randint(-(10**11), 10**11))))
