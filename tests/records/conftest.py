"""A small CRM, published on each database, for the tests of the records door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from support.yaml_workspace import YamlWorkspace, yaml_workspace

CRM = {
    "crm/app.yaml": "app: crm\nlabel: CRM\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
    "crm/account.yaml": """
        entity: account
        label: Account
        plural: Accounts
        activities: true
        fields:
          name: {type: text, required: true, unique: true, max_length: 40, search: true}
          number: {type: auto_number, format: "A-{year}-{number:4}"}
          country: {type: choice, options: {de: {label: Germany}, nl: {label: Netherlands}}}
          region:
            type: choice
            options: {bavaria: {}, saxony: {}, holland: {}}
            depends_on: country
            allowed: {de: [bavaria, saxony], nl: [holland]}
          rating: {type: integer, min: 0, max: 5, default: 3}
          since: {type: date, default_formula: "today()"}
          secret: {type: text, sensitivity: restricted}
          partner: {type: lookup, to: account, on_delete: clear}
          friends: {type: lookups, to: account}
          vat: {type: text}
          site: {type: text}
        keys:
          by_vat: {fields: [vat, site], where: "rating > 0"}
        """,
    "crm/deal.yaml": """
        entity: deal
        label: Deal
        plural: Deals
        fields:
          name: {type: text, required: true}
          account: {type: lookup, to: account, on_delete: restrict}
          amount: {type: money, min: 0}
        """,
    "crm/line.yaml": """
        entity: line
        label: Line
        plural: Lines
        ownership: none
        fields:
          name: {type: text, required: true}
          deal: {type: lookup, to: deal, parent: true, on_delete: cascade}
          quantity: {type: integer, min: 1}
        """,
    "crm/note.yaml": """
        entity: note
        label: Note
        plural: Notes
        activity: true
        fields:
          name: {type: text, required: true}
          regarding: {type: any_lookup, activities: true, on_delete: cascade}
          reference: {type: text, unique: true, max_length: 4000}
        """,
    "crm/roles.yaml": """
        role: rep
        label: Rep
        grants:
          account: {create: true, read: all, update: own, delete: own}
          deal: {create: true, read: own, update: own, delete: own}
          line: {create: true, read: all, update: all, delete: all}
          note: {create: true, read: own, update: own, delete: own}
          base.user: {read: all}
        ---
        role: loner
        label: Loner
        grants:
          account: {create: true, read: own, update: own}
        ---
        role: reader
        label: Reader
        grants:
          account: {read: all, fields: {rating: none}}
        """,
}


@pytest.fixture
def crm(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    """The small CRM in an empty database of each kind."""
    with yaml_workspace(database_url, tmp_path, CRM, clock) as opened:
        yield opened
