"""The reference pages of the language, generated from the declarations: one page per kind of document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from kith_metadata.language import Language, VariantType
from kith_metadata.reference_examples import EXAMPLES
from kith_metadata.resolve import plain
from kith_metadata.shapes import Inner, Shapes
from kith_metadata.spec import Prop, annotation_schema, is_mapping

_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "map",
}


def pages(language: Language) -> dict[str, str]:
    """Return the reference pages by file name: an index, and one page for each kind."""
    found = {"README.md": _index(language)}
    for kind in language.kinds:
        found[f"{kind}.md"] = page(language, kind)
    return found


def page(language: Language, kind: str) -> str:
    """Return the page of one kind."""
    cls = language.kinds[kind]
    title = kind.replace("_", " ").capitalize()
    lines = [f"# {title}", "", _doc(cls), "", "## Example", "", "```yaml", EXAMPLES[kind].strip(), "```", ""]
    shapes = Shapes(language)
    done: list[type[Any]] = []
    pending: list[tuple[type[Any], str]] = [(cls, "Properties")]
    while pending:
        current, heading = pending.pop(0)
        if current in done:
            continue
        done.append(current)
        lines.extend(_section(shapes, current, heading, first=current is cls))
        shape = shapes.of(current)
        pending.extend((inner.cls, _heading(inner.cls)) for inner in shape.inner.values())
        if shape.variant is not None:
            for name in shapes.types(shape.variant):
                own = shapes.of(current, name)
                pending.extend((i.cls, _heading(i.cls)) for key, i in own.inner.items() if key not in shape.inner)
    return "\n".join(lines).rstrip() + "\n"


def _index(language: Language) -> str:
    lines = [
        "# The language",
        "",
        "Each kind of document has a page, generated from the declarations by `kith docs`.",
        "A document's kind is the word of its first key; a file may hold several documents, parted by `---`.",
        "",
    ]
    for kind, cls in language.kinds.items():
        lines.append(f"- [{kind.replace('_', ' ')}]({kind}.md): {_first_sentence(cls)}")
    return "\n".join(lines) + "\n"


def _section(shapes: Shapes, cls: type[Any], heading: str, first: bool) -> Iterator[str]:
    yield f"## {heading}"
    yield ""
    if not first:
        yield _doc(cls)
        yield ""
    shape = shapes.of(cls)
    yield from _table(shape.props, shape.inner)
    if shape.variant is None:
        return
    members = shapes.language.variants.get(shape.variant.registry, {})
    default = f" Without it: `{shape.variant.default}`." if shape.variant.default else ""
    yield f"`{shape.variant.key}` picks one of these types.{default}"
    yield ""
    for name, member in members.items():
        yield f"### {cls.__name__} of type `{name}`: {member.label}" if member.label else f"### `{name}`"
        yield ""
        if member.help:
            yield member.help
            yield ""
        own = shapes.of(cls, name)
        yield from _table({key: item for key, item in own.props.items() if key not in shape.props}, own.inner)
        yield from _examples(shape.variant.key, member)


def _examples(key: str, member: VariantType) -> Iterator[str]:
    """Yield one example at least: a type without options is written by its name alone."""
    texts = [json.dumps(plain({key: member.name, **example}), ensure_ascii=False) for example in member.examples]
    for text in dict.fromkeys(texts or [json.dumps({key: member.name})]):
        yield f"- Example: `{text}`"
    yield ""


def _table(props: Mapping[str, Prop], inner: Mapping[str, Inner]) -> Iterator[str]:
    if not props:
        return
    yield "| Property | Value | Default | Meaning |"
    yield "|---|---|---|---|"
    for name, declared in props.items():
        default = "**required**" if declared.required else _default(declared.default)
        meaning = f"{declared.title}. {declared.help}".strip().replace("|", "\\|").replace("\n", " ")
        yield f"| `{name}` | {_value(declared, inner.get(name))} | {default} | {meaning} |"
    yield ""


def _value(declared: Prop, inner: Inner | None) -> str:
    if declared.expression:
        return "expression"
    if inner is not None:
        word = inner.cls.__name__
        link = f"[{word.lower()}](#{_heading(inner.cls).lower().replace(' ', '-')})"
        return f"map of {link} by name" if inner.form == "map" else f"list of {link}" if inner.form == "list" else link
    schema = {**annotation_schema(declared.annotation), **declared.schema}
    if "enum" in schema:
        return ", ".join(f"`{item}`" for item in schema["enum"])
    noun = declared.refers.removesuffix(" keys").replace("_", " ")
    if declared.refers == "sort":
        return "list of fields"
    if get_origin(declared.annotation) is tuple:
        return f"list of {noun or _words(annotation_schema(get_args(declared.annotation)[0]))}"
    if is_mapping(declared.annotation):
        return f"map by {noun}" if noun else "map"
    return noun or _words(schema)


def _words(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{item}`" for item in schema["enum"])
    found = schema.get("type", [])
    names = [found] if isinstance(found, str) else list(found)
    words = [_WORDS.get(name, name) for name in names]
    words += [_words(part) for part in schema.get("anyOf", ())]
    return " or ".join(dict.fromkeys(words)) or "any value"


def _default(default: Any) -> str:
    if default is None or default == "" or (isinstance(default, (tuple, Mapping)) and not default):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _heading(cls: type[Any]) -> str:
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in cls.__name__).strip()
    return words.capitalize()


def _doc(cls: type[Any]) -> str:
    paragraphs = (cls.__doc__ or "").strip().replace("``", "`").split("\n\n")
    return "\n\n".join(" ".join(line.strip() for line in paragraph.splitlines()) for paragraph in paragraphs)


def _first_sentence(cls: type[Any]) -> str:
    return _doc(cls).split("\n\n")[0]
