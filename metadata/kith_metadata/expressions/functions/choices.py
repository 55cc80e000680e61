"""Several choices: how many are chosen."""

from __future__ import annotations

from kith_metadata.expressions import types as t
from kith_metadata.expressions.family import FAMILIES, Family, Function, Parameter, always


def _option_count(chosen: tuple[str, ...] | None) -> int:
    return len(chosen or ())


FAMILIES.register("choices")(
    Family(
        "Several choices",
        (
            Function("option_count", "Count the chosen options of a field with several choices; 0 for none.",
                     (Parameter("choices", frozenset({"choices"})),), always(t.INTEGER), _option_count,
                     ("option_count(blank) == 0",), keeps_blank=True),
        ),
    )
)  # fmt: skip
