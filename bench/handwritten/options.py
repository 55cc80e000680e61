"""The choices of a lead, with what people read."""

from __future__ import annotations

STATUSES = {
    "new": ("New", "blue"),
    "contacted": ("Contacted", "cyan"),
    "nurturing": ("Later", "amber"),
    "qualified": ("Qualified", "violet"),
    "converted": ("Converted", "green"),
    "unqualified": ("Not a fit", "gray"),
}
SOURCES = {
    "trade_show": ("Trade show", "violet"),
    "web": ("Website", "blue"),
    "referral": ("Referral", "green"),
    "partner": ("Partner", "teal"),
    "cold_call": ("Cold call", "gray"),
    "mailing": ("Mailing", "cyan"),
    "tender": ("Tender", "amber"),
    "customer": ("Existing customer", "lime"),
}
CONSENTS = {"unknown": "Not asked", "given": "Given", "refused": "Refused", "withdrawn": "Withdrawn"}
REASONS = {
    "no_need": "No need",
    "too_small": "Too small",
    "no_budget": "No budget",
    "no_answer": "Never answered",
    "competitor": "Works for a competitor",
    "duplicate": "Is here already",
}
REGIONS = {
    "benelux": "Benelux",
    "dach": "Germany, Austria, Switzerland",
    "nordics": "Nordics",
    "baltics": "Baltics and Central Europe",
    "uk_ireland": "United Kingdom and Ireland",
    "south": "Southern Europe",
    "middle_east": "Middle East",
    "overseas": "Overseas",
}
COUNTRIES = {
    "benelux": {"nl": "Netherlands", "be": "Belgium", "lu": "Luxembourg"},
    "dach": {"de": "Germany", "at": "Austria", "ch": "Switzerland"},
    "nordics": {"se": "Sweden", "no": "Norway", "dk": "Denmark", "fi": "Finland", "is": "Iceland"},
    "baltics": {"ee": "Estonia", "lv": "Latvia", "lt": "Lithuania", "pl": "Poland", "cz": "Czechia"},
    "uk_ireland": {"gb": "United Kingdom", "ie": "Ireland"},
    "south": {"fr": "France", "es": "Spain", "pt": "Portugal", "it": "Italy"},
    "middle_east": {"ae": "United Arab Emirates", "sa": "Saudi Arabia", "il": "Israel", "jo": "Jordan"},
    "overseas": {
        "br": "Brazil",
        "us": "United States",
        "ca": "Canada",
        "sg": "Singapore",
        "jp": "Japan",
        "tw": "Taiwan",
    },
}
ALL_COUNTRIES = {code: label for countries in COUNTRIES.values() for code, label in countries.items()}
