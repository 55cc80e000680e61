"""A small shop with every field type, hidden fields and people of several roles, behind the API on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from support.api_client import Api, ApiSite
from support.shop import APP
from support.yaml_workspace import yaml_workspace

SHOP = {
    **APP,
    "shop/customer.yaml": """
        entity: customer
        label: Customer
        plural: Customers
        activities: true
        fields:
          name: {type: text, required: true, unique: true, max_length: 40, search: true}
          country: {type: choice, options: {de: {label: Germany}, nl: {label: Netherlands}}}
          rating: {type: integer, min: 0, max: 100, default: 3}
          salary: {type: integer, sensitivity: restricted}
          badge: {type: text, unique: true, sensitivity: restricted, search: true}
          vat: {type: text}
          site: {type: text}
          partner: {type: lookup, to: customer, on_delete: clear}
        keys:
          by_vat: {fields: [vat, site]}
        """,
    "shop/order.yaml": """
        entity: order
        label: Order
        plural: Orders
        fields:
          name: {type: text, required: true}
          customer: {type: lookup, to: customer, on_delete: restrict}
          amount: {type: money, min: 0}
        """,
    "shop/line.yaml": """
        entity: line
        label: Line
        plural: Lines
        ownership: none
        fields:
          name: {type: text, required: true}
          order: {type: lookup, to: order, parent: true, on_delete: cascade}
          quantity: {type: integer, min: 1}
        """,
    "shop/secret.yaml": """
        entity: secret
        label: Secret
        fields:
          name: {type: text, required: true}
        """,
    "shop/sample.yaml": """
        entity: sample
        label: Sample
        plural: Samples
        fields:
          name: {type: text, required: true, unique: true, search: true}
          story: {type: long_text}
          page: {type: rich_text}
          pieces: {type: integer, min: -5, max: 1000}
          weight: {type: decimal, scale: 3}
          price: {type: money, currency: EUR}
          share: {type: percent}
          ready: {type: boolean}
          day: {type: date}
          moment: {type: datetime}
          hour: {type: time}
          length: {type: duration}
          kind: {type: choice, options: {small: {}, large: {}}}
          tags: {type: choices, options: {red: {}, green: {}, blue: {}}}
          mail: {type: email}
          call: {type: phone}
          link: {type: url}
          customer: {type: lookup, to: customer}
          friends: {type: lookups, to: customer}
          about: {type: any_lookup, to: [customer, order], on_delete: clear}
          number: {type: auto_number, format: "S-{number:4}"}
          place: {type: address}
          colour: {type: colour}
          stars: {type: rating}
          data: {type: json}
          document: {type: file}
          picture: {type: image}
          twice: {type: formula, formula: "pieces * 2", returns: integer}
          each: {type: formula, formula: "100 / pieces", returns: decimal}
          kept: {type: formula, formula: "100 / pieces", returns: decimal, stored: true, full_rights: true}
          inner: {type: formula, formula: "7 / pieces", returns: decimal, sensitivity: restricted}
        """,
    "shop/roles.yaml": """
        role: seller
        label: Seller
        grants:
          customer: {create: true, read: all, update: own, delete: own}
          order: {create: true, read: own, update: own, delete: own}
          line: {create: true, read: all, update: all, delete: all}
          sample: {create: true, read: all, update: all, delete: all}
          base.user: {read: all}
        ---
        role: reader
        label: Reader
        grants:
          customer: {read: all, fields: {rating: none}}
          sample: {read: all, fields: {price: none, customer: none}}
        ---
        role: auditor
        label: Auditor
        grants:
          customer: {read: all, fields: {salary: read, badge: read}}
        """,
}


@pytest.fixture
def site(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[ApiSite]:
    """The shop behind an app."""
    with yaml_workspace(database_url, tmp_path, SHOP, clock) as opened:
        found = ApiSite(opened)
        for name, role in (("Root", "base.administrator"), ("Sam", "shop.seller"), ("Sue", "shop.seller")):
            opened.people[name.lower()] = opened.person(name, role)
        opened.people["ray"] = opened.person("Ray", "shop.reader")
        opened.people["ada"] = opened.person("Ada", "shop.auditor")
        opened.people["nobody"] = opened.person("Nobody")
        yield found


@pytest.fixture
def root(site: ApiSite) -> Api:
    """A client that may do everything."""
    return site.client(site.crm.people["root"])


@pytest.fixture
def sam(site: ApiSite) -> Api:
    """A seller: own orders, all customers, no restricted fields."""
    return site.client(site.crm.people["sam"])


@pytest.fixture
def sue(site: ApiSite) -> Api:
    """Another seller."""
    return site.client(site.crm.people["sue"])


@pytest.fixture
def ray(site: ApiSite) -> Api:
    """A reader of customers who may not know of their rating."""
    return site.client(site.crm.people["ray"])
