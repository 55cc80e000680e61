"""What people write wrongly, one line each: the code and the place that they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.small_language import check_files

ENTITY = "entity: deal\nlabel: Deal\nfields:\n  name: {type: text}\n"
FORM = "form: deal\nentity: deal\n"
DATA = "data: d\nentity: deal\npurpose: demo\n"
VIEW = "view: deals\nentity: deal\nlabel: Deals\n"

# (what is written, expected issues as "line:column code") in sales/it.yaml
YAML = {
    "tab": (b"entity: deal\nfields:\n\tname: {type: text}\n", ["3:1 KM005"]),
    "bad indent": (b"entity: deal\n  label: Deal\n", ["2:8 KM004"]),
    "less indent": (b"entity: deal\nfields:\n    name: {type: text}\n  other: {type: text}\n", ["4:3 KM004"]),
    "UTF-16": ("entity: deal".encode("utf-16"), ["1:1 KM003"]),
    "not UTF-8": (b"entity: deal\nlabel: \xe4\n", ["2:8 KM003"]),
    "NUL": (b"entity: deal\nlabel: a\x00b\n", ["2:9 KM003"]),
    "escaped NUL": (b'entity: deal\nlabel: "a\\0b"\n', ["2:8 KM003"]),
    "duplicate key": (ENTITY.replace("label", "label: A\nlabel").encode(), ["3:1 KM006"]),
    "duplicate field": (f"{ENTITY}  name: {{type: date}}\n".encode(), ["5:3 KM006"]),
    "anchor and alias": (b"entity: deal\nlabel: &a Deal\nplural: *a\n", ["2:8 KM008", "3:9 KM008"]),
    "alias bomb": (b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", None),
    "merge key": (b"entity: deal\n<<: {label: Deal}\n", ["2:1 KM009"]),
    "tag": (b"entity: deal\nlabel: !!python/object:os.system x\n", ["2:8 KM007"]),
    "own tag": (b"entity: deal\nlabel: !secret x\n", ["2:8 KM007"]),
    "directive": (b"%YAML 1.1\n---\nentity: deal\nlabel: Deal\nfields: {name: {type: text}}\n", ["1:1 KM007"]),
    "deep": (b"entity: deal\nlabel: " + b"[" * 5000, ["2:37 KM010"]),
    "list as key": (b"entity: deal\n? [a]\n: b\n", ["2:3 KM011"]),
    "open quote": (b"entity: deal\nlabel: 'Deal\n", ["3:1 KM004"]),
    "open brace": (b"entity: deal\nfields: {name: {type: text}\n", None),
    "colon in text": (b"entity: deal\nlabel: Deal: open\n", ["2:12 KM004"]),
    "at sign": (b"entity: deal\nlabel: @deal\n", ["2:8 KM004"]),
    "backslash": (b'entity: deal\nlabel: "\\q"\n', ["2:9 KM004"]),
    "range without quotes": (b"entity: deal\nlabel: >=1.0\n", ["2:9 KM004"]),
    "huge number": (f"{ENTITY}history: {'9' * 5000}\n".encode(), ["5:10 KM017"]),
    "a list": (b"- entity: deal\n", ["1:1 KM022"]),
    "a text": (b"deal\n", ["1:1 KM022"]),
    "unknown kind": (b"entiti: deal\n", ["1:1 KM022"]),
    "kind not first": (b"label: Deal\nentity: deal\n", ["1:1 KM022"]),
    "no name": (b"entity:\nlabel: Deal\n", ["1:1 KM023"]),
    "name with capital": (ENTITY.replace("deal", "Deal").encode(), ["1:9 KM020"]),
    "name with __": (ENTITY.replace("deal", "my__deal").encode(), ["1:9 KM020"]),
    "name of 200": (ENTITY.replace("deal", "d" * 200).encode(), ["1:9 KM020"]),
    "emoji name": (ENTITY.replace("deal", "deal🎉").encode(), ["1:9 KM020"]),
    "Turkish name": (ENTITY.replace("deal", "işlem").encode(), ["1:9 KM020"]),
    "leading digit": (ENTITY.replace("deal", "1deal").encode(), ["1:9 KM020"]),
}

MODEL = {
    "misspelt type": (f"{ENTITY}  kind: {{type: choise}}\n", ["5:16 KM012"]),
    "misspelt required key": (ENTITY.replace("label:", "lable:"), ["2:1 KM013"]),
    "misspelt variant key": (f"{ENTITY}  kind: {{typ: text}}\n", ["5:10 KM013"]),
    "missing label": (ENTITY.replace("label: Deal\n", ""), ["1:1 KM014"]),
    "missing type": (f"{ENTITY}  kind: {{label: Kind}}\n", ["5:3 KM014"]),
    "null field": (f"{ENTITY}  kind:\n", ["5:3 KM014"]),
    "option of another type": (f"{ENTITY}  kind: {{type: date, max_length: 5}}\n", ["5:22 KM013"]),
    "unknown type and slip": (f"{ENTITY}  kind: {{type: tekst, requird: true}}\n", ["5:16 KM012", "5:23 KM013"]),
    "yes is a text": (f"{ENTITY}  kind: {{type: text, required: yes}}\n", ["5:32 KM015"]),
    "number as label": (ENTITY.replace("label: Deal", "label: 12"), ["2:8 KM015"]),
    "list of fields": ("entity: deal\nlabel: Deal\nfields:\n  - {type: text}\n", ["4:3 KM015"]),
    "text as field": (f"{ENTITY}  kind: text\n", ["5:9 KM015"]),
    "length 0": (f"{ENTITY}  kind: {{type: text, max_length: 0}}\n", ["5:34 KM017"]),
    "length 99999": (f"{ENTITY}  kind: {{type: text, max_length: 99999}}\n", ["5:34 KM017"]),
    "fraction as length": (f"{ENTITY}  kind: {{type: text, max_length: 1.5}}\n", ["5:34 KM015"]),
    "bad hue": (f"{ENTITY}  a: {{type: choice, options: {{b: {{hue: rde}}}}}}\n", ["5:40 KM012"]),
    "bad field name": (f"{ENTITY}  Close Date: {{type: date}}\n", ["5:3 KM020"]),
    "__class__": (f"{ENTITY}  __class__: {{type: date}}\n", ["5:3 KM020"]),
    "empty key fields": (f"{ENTITY}keys:\n  one: {{fields: []}}\n", ["6:17 KM016"]),
    "field id": (f"{ENTITY}  id: {{type: text}}\n", ["5:3 KM042"]),
    "field owner": (f"{ENTITY}  owner: {{type: text}}\n", ["5:3 KM042"]),
    "field me": (f"{ENTITY}  me: {{type: text}}\n", ["5:3 KM042"]),
    "field x_": (f"{ENTITY}  x_a: {{type: text}}\n", ["5:3 KM041"]),
    "entity x_": (ENTITY.replace("deal", "x_deal"), ["1:9 KM041"]),
    "dangling lookup": (f"{ENTITY}  to: {{type: lookup, to: dael}}\n", ["5:26 KM050"]),
    "no title": (ENTITY.replace("name:", "subject:"), ["1:1 KM053"]),
    "unknown title": (ENTITY.replace("label", "title: nam\nlabel"), ["2:8 KM052"]),
    "unknown key field": (f"{ENTITY}keys:\n  one: {{fields: [name, nam]}}\n", ["6:24 KM052"]),
    "index by formula": (
        f"{ENTITY}  f: {{type: formula, returns: text, formula: name}}\nindexes:\n  a: {{fields: [-f]}}\n",
        ["7:16 KM056"],
    ),
    "unique formula": (
        f"{ENTITY}  f: {{type: formula, returns: text, formula: name, unique: true}}\n",
        ["5:60 KM056"],
    ),
    "value of an option is of another type": (
        "option_set: s\nlabel: S\nattributes: {days: {type: integer}}\noptions: {a: {values: {days: soon}}}\n",
        ["4:30 KM057"],
    ),
    "idle names no whole number": (
        "option_set: s\nlabel: S\nidle: days\nattributes: {days: {type: text}}\noptions: {a: {}}\n",
        ["3:7 KM057"],
    ),
    "goal that closes nothing": ("option_set: s\nlabel: S\noptions: {a: {goal: true}}\n", ["3:21 KM057"]),
    "goal of a choice that closes nothing": (
        f"{ENTITY}  a: {{type: choice, options: {{b: {{goal: true}}}}}}\n",
        ["5:41 KM057"],
    ),
    "due on no day": (f"{ENTITY}  a: {{type: text, due_on: name}}\n", ["5:27 KM057"]),
    "due on what is not there": (f"{ENTITY}  a: {{type: text, due_on: nmae}}\n", ["5:27 KM052"]),
    "choice without options": (f"{ENTITY}  a: {{type: choice}}\n", ["5:3 KM057"]),
    "default no option": (f"{ENTITY}  a: {{type: choice, options: {{b: {{}}}}, default: c}}\n", ["5:48 KM057"]),
    "allowed alone": (f"{ENTITY}  a: {{type: choice, options: {{b: {{}}}}, allowed: {{c: [b]}}}}\n", ["5:48 KM058"]),
    "depends on text": (f"{ENTITY}  a: {{type: choice, options: {{b: {{}}}}, depends_on: name}}\n", ["5:51 KM058"]),
    "formula ring": (
        ENTITY + "  a: {type: formula, returns: text, formula: b}\n  b: {type: formula, returns: text, formula: a}\n",
        ["6:3 KM063"],
    ),
    "stage of no choice": (f"{ENTITY}  a: {{type: text, required_from: [name.big]}}\n", ["5:35 KM065"]),
    "stage of no option": (
        f"{ENTITY}  a: {{type: choice, options: {{b: {{}}}}}}\n  c: {{type: text, required_from: [a.bb]}}\n",
        ["6:35 KM065"],
    ),
    "rule of two things": (
        f"{ENTITY}rules:\n  a: {{when: name == blank, refuse: No., set: {{name: name}}}}\n",
        ["6:3 KM066"],
    ),
    "rule without a condition": (f"{ENTITY}rules:\n  a: {{refuse: No.}}\n", ["6:3 KM066"]),
    "rule that sets on delete": (f"{ENTITY}rules:\n  a: {{on: [delete], set: {{name: name}}}}\n", ["6:3 KM066"]),
    "rule that sets the system's": (f"{ENTITY}rules:\n  a: {{set: {{version: '1'}}}}\n", ["6:13 KM066"]),
    "rule of the wrong type": (f"{ENTITY}rules:\n  a: {{set: {{name: 1 + 1}}}}\n", ["6:19 KM070"]),
    "rule on a field that is not there": (f"{ENTITY}rules:\n  a: {{default: {{nmae: name}}}}\n", ["6:17 KM052"]),
    "rule on nothing": (f"{ENTITY}rules:\n  a: {{on: [save], when: name == blank, refuse: No.}}\n", ["6:12 KM012"]),
    "former name there": (f"{ENTITY}  a: {{type: text, was: name}}\n", ["5:24 KM064"]),
    "one former name twice": (f"{ENTITY}  a: {{type: text, was: q}}\n  b: {{type: text, was: q}}\n", ["6:24 KM064"]),
    "two heirs of an entity": (
        f"{ENTITY}was: q\n---\nentity: b\nlabel: B\nwas: q\nfields: {{name: {{type: text}}}}\n",
        ["5:6 KM064"],
    ),
    "unknown name": (f"{ENTITY}---\n{VIEW}columns: {{name: {{}}}}\nwhere: nmae == 'x'\n", ["10:8 KM070"]),
    "single =": (f"{ENTITY}---\n{VIEW}columns: {{name: {{}}}}\nwhere: 'name = 1'\n", None),
    "not a condition": (f"{ENTITY}---\n{VIEW}columns: {{name: {{}}}}\nwhere: name\n", ["10:8 KM070"]),
    "server function in a filter": (
        f'{ENTITY}---\n{VIEW}columns: {{name: {{}}}}\nwhere: \'name > "a" and like(name, "b%")\'\n',
        ["10:24 KM070"],
    ),
    "server formula in a filter": (
        (
            f"{ENTITY}  a: {{type: formula, returns: text, formula: 'upper(b)'}}\n"
            "  b: {type: formula, returns: text, formula: 'name if like(name, name) else blank'}\n"
            f"---\n{VIEW}columns: {{name: {{}}}}\nwhere: a == 'x'\n"
        ),
        ["12:8 KM070"],
    ),
    "server function in a figure": (
        (
            f"{ENTITY}  up: {{type: lookup, to: deal}}\n"
            "  a: {type: formula, returns: integer, formula: 'count(deals, like(name, name))'}\n"
        ),
        ["6:63 KM070"],
    ),
    "block expression": (
        f"{ENTITY}---\n{VIEW}columns: {{name: {{}}}}\nwhere: |\n  name == 'a'\n  and nmae == 'b'\n",
        ["12:7 KM070"],
    ),
    "folded expression": (
        f"{ENTITY}---\n{VIEW}columns: {{name: {{}}}}\nwhere: >-\n  name == 'a'\n  and nmae == 'b'\n",
        ["12:7 KM070"],
    ),
    "unknown column": (f"{ENTITY}---\n{VIEW}columns: {{nam: {{}}}}\n", ["9:11 KM052"]),
    "unknown sort": (f"{ENTITY}---\n{VIEW}columns: {{name: {{}}}}\nsort: [-nam]\n", ["10:8 KM052"]),
    "unknown element": (f"{ENTITY}---\n{FORM}sections: {{a: {{elements: {{nam: {{}}}}}}}}\n", ["8:27 KM052"]),
    "element type": (
        f"{ENTITY}---\n{FORM}sections: {{a: {{elements: {{nam: {{element: divder}}}}}}}}\n",
        ["8:42 KM012"],
    ),
    "by is no lookup": (
        f"{ENTITY}---\n{FORM}highlights: [name]\nrelated: {{b: {{entity: deal, by: name}}}}\n",
        ["9:33 KM054"],
    ),
    "too many highlights": (
        f"{ENTITY}---\n{FORM}highlights: [name, name, name, name, name, name]\n",
        ["8:13 KM016"],
    ),
    "menu of nothing": (f"{ENTITY}---\nmenu: m\nlabel: M\nitems: {{a: {{}}}}\n", ["8:9 KM055"]),
    "role ring": (
        "role: a\nlabel: A\nincludes: [b]\n---\nrole: b\nlabel: B\nincludes: [a]\n",
        ["7:11 KM061"],
    ),
    "grant of nothing": (f"{ENTITY}---\nrole: a\nlabel: A\ngrants: {{deel: {{read: all}}}}\n", None),
    "grant of unknown field": (
        f"{ENTITY}---\nrole: a\nlabel: A\ngrants: {{deal: {{read: all, fields: {{nam: read}}}}}}\n",
        ["8:37 KM052"],
    ),
    "scope no condition": (f"{ENTITY}---\nrole: a\nlabel: A\ngrants: {{deal: {{read: evrything}}}}\n", None),
    "twice in one file": (f"{ENTITY}---\n{ENTITY}", ["6:9 KM025"]),
    "data of unknown field": (
        f"{ENTITY}---\ndata: d\nentity: deal\npurpose: demo\nrecords: {{a: {{nam: X}}}}\n",
        ["9:15 KM052"],
    ),
    "data of unknown record": (
        f"{ENTITY}  up: {{type: lookup, to: deal}}\n---\n{DATA}records: {{a: {{name: X, up: b}}}}\n",
        ["10:28 KM059"],
    ),
    "data expression": (
        f"{ENTITY}---\ndata: d\nentity: deal\npurpose: demo\nrecords: {{a: {{name: '= todday()'}}}}\n",
        ["9:24 KM070"],
    ),
}


def places(folder: Path, content: str | bytes) -> list[str]:
    """Return the errors of the file as "line:column code"."""
    result = check_files(folder, {"sales/it.yaml": content})
    assert result.snapshot is None
    return [
        f"{issue.place.line}:{issue.place.column} {issue.code}"
        for issue in result.issues
        if issue.severity == "error" and issue.place.file == "apps/sales/it.yaml"
    ]


@pytest.mark.parametrize("name", YAML)
def test_unreadable(tmp_path: Path, name: str) -> None:
    content, expected = YAML[name]
    found = places(tmp_path, content)
    assert found == (expected or found)
    assert found


@pytest.mark.parametrize("name", MODEL)
def test_wrong_model(tmp_path: Path, name: str) -> None:
    content, expected = MODEL[name]
    found = places(tmp_path, content)
    assert found == (expected or found)
    assert found


def test_every_message_says_what_to_do(tmp_path: Path) -> None:
    for number, (content, _) in enumerate([*YAML.values(), *MODEL.values()]):
        for issue in check_files(tmp_path / str(number), {"sales/it.yaml": content}).issues:
            assert issue.message.endswith((".", "…"))
            assert issue.hint or issue.code == "KM070", issue
            assert "Traceback" not in issue.message


def test_scalars_stay_what_was_written(tmp_path: Path) -> None:
    words = ["on", "NO", "12:30", "012", "1e3", "2026-11-24", "0x1F", ".5", "1_000"]
    options = "\n".join(f"      o{index}: {{label: {word}}}" for index, word in enumerate(words))
    text = f"{ENTITY}  a:\n    type: choice\n    options:\n{options}\n"
    snapshot = check_files(tmp_path, {"sales/it.yaml": text}).snapshot
    assert snapshot is not None
    found = snapshot.entity("sales.deal").fields["a"].options.options
    assert [option.label for option in found.values()] == words


def test_accepted_forms(tmp_path: Path) -> None:
    """A byte order mark, CRLF, empty documents, notes and nulls for defaults."""
    text = "\ufeff---\n# nothing\n---\n" + ENTITY + "x_note: why\nplural:\n---\n"
    result = check_files(tmp_path, {"sales/it.yaml": text.replace("\n", "\r\n")})
    assert [issue for issue in result.issues if issue.severity == "error"] == []
    assert result.snapshot is not None
    assert result.snapshot.raw("entity:sales.deal") == {"label": "Deal", "fields": {"name": {"type": "text"}}}


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    big = tmp_path / "apps" / "sales" / "big.yaml"
    big.parent.mkdir(parents=True)
    with big.open("wb") as file:
        file.truncate(100_000_000)
    result = check_files(tmp_path, {"sales/it.yaml": ENTITY})
    assert [(issue.code, issue.place.file) for issue in result.issues] == [("KM002", "apps/sales/big.yaml")]


def test_a_broken_document_does_not_stop_the_others(tmp_path: Path) -> None:
    """Three documents of one file are broken in their own ways; what refers to them says nothing."""
    text = "\n---\n".join([
        "entity: broken\nlabel: 'x\n",
        ENTITY + "  to: {type: lookup, to: broken}\n  b: {type: tekst}\n",
        "view: of_deal\nentity: deal\nlabel: L\ncolumns: {anything: {}}\nwhere: anything == 1\n",
        "view: of_other\nentity: other\nlabel: L\ncolumns: {wrong: {}}\n",
        "entity: other\nlabel: Other\nfields: {name: {type: text}, to: {type: lookup, to: deal}}\n",
    ])  # fmt: skip
    head = "app: service\nlabel: S\nversion: 1.0.0\n"
    result = check_files(tmp_path, {"sales/it.yaml": text, "service/app.yaml": head})
    assert [issue.code for issue in result.issues] == ["KM004", "KM012", "KM052"]
    assert list(result.partial.documents) == ["app:sales", "app:service"]


def test_a_cascade_ring_over_two_entities(tmp_path: Path) -> None:
    lookup = "  up: {{type: lookup, to: {}, on_delete: cascade}}\n"
    one = ENTITY + lookup.format("other")
    two = ENTITY.replace("deal", "other") + lookup.format("deal")
    result = check_files(tmp_path, {"sales/one.yaml": one, "sales/two.yaml": two})
    assert [issue.code for issue in result.issues] == ["KM062"]
    tree = ENTITY + lookup.format("deal")
    assert check_files(tmp_path / "tree", {"sales/one.yaml": tree}).snapshot is not None


def test_a_thousand_amounts_are_fine(tmp_path: Path) -> None:
    fields = "".join(f"  m{index}: {{type: money}}\n" for index in range(1000))
    assert check_files(tmp_path, {"sales/it.yaml": ENTITY + fields}).issues == ()


def test_an_entity_that_no_role_may_read(tmp_path: Path) -> None:
    text = f"{ENTITY}---\n{ENTITY.replace('deal', 'other')}---\nrole: a\nlabel: A\ngrants: {{other: {{read: all}}}}\n"
    result = check_files(tmp_path, {"sales/it.yaml": text})
    assert [(issue.code, issue.severity, issue.place.line) for issue in result.issues] == [("KM090", "warning", 1)]
    assert result.snapshot is not None


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [("integer", "ten"), ("decimal", "'1'"), ("boolean", "1"), ("date", "'2026-2-30'"), ("text", "5")],
)
def test_the_default_of_a_setting_fits_its_type(tmp_path: Path, kind: str, wrong: str) -> None:
    text = f"app: shop\nlabel: S\nversion: 1.0.0\nsettings:\n  a: {{type: {kind}, default: {wrong}}}\n"
    (issue,) = check_files(tmp_path, {"shop/app.yaml": text}).issues
    assert (issue.code, issue.place.line, issue.path) == ("KM067", 5, "settings.a.default")
