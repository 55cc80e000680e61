"""Every issue code with its cause, an example and the mend: the source of ``docs/issues.md``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One code. ``example`` is what a person may have written, ``mend`` what to write instead or to do."""

    code: str
    title: str
    cause: str
    example: str
    mend: str


CODES: tuple[Code, ...] = (
    Code("KM001", "Cannot be read", "A folder or file is not there, or its rights forbid reading it.",
         "kith check --apps nowhere", "Name a folder that holds apps; check the file's rights."),
    Code("KM002", "Too large", "A metadata file has at most 2,000,000 bytes; a larger one is not read.",
         "one file with 5,000 records", "Split it: any number of files is read."),
    Code("KM003", "Not plain UTF-8 text", "The file is UTF-16, holds bytes that are no UTF-8, or control characters.",
         "a file saved as Unicode (UTF-16)", "Save it as UTF-8 in your editor."),
    Code("KM004", "Not readable as YAML", "A quote, bracket, colon or the indentation is wrong.",
         "label: Deal: open", 'label: "Deal: open"'),
    Code("KM005", "A tab", "YAML is indented with spaces only.", "a tab before the key", "Two spaces for each level."),
    Code("KM006", "Key written twice", "The same key stands twice in one map; one would silently win.",
         "label: A … label: B", "Keep one of them."),
    Code("KM007", "Tag or directive", "Words with ! and lines with % could run code or change meaning.",
         "amount: !!float 3", "amount: 3"),
    Code("KM008", "Anchor or alias", "Values are not shared by & and *.", "two: *first", "Write the value again."),
    Code("KM009", "Merge key", "<< is not read: what an item holds stands in the item.", "<<: {required: true}",
         "required: true"),
    Code("KM010", "Nested too deep", "Nothing in metadata is 30 levels deep.", "[[[[…", "Close the bracket."),
    Code("KM011", "Key is no text", "A key is a word of visible characters on one line.", "? [a, b]", "name: value"),
    Code("KM012", "Not one of the possible words", "Only the listed words mean something here.", "type: choise",
         "type: choice"),
    Code("KM013", "Unknown property", "The key is misspelt, or another type has it. Notes may start with x_.",
         "requird: true", "required: true"),
    Code("KM014", "Property missing", "Without it the document means nothing.", "a field without a type", "type: text"),
    Code("KM015", "Wrong kind of value", "A text, number, true/false, list or map belongs here.", "required: yes",
         "required: true"),
    Code("KM016", "Too few or too many items", "A list or map has limits.", "fields: []", "fields: [name]"),
    Code("KM017", "Number out of range", "A number is too small, too large, or too long.", "columns: 9", "columns: 2"),
    Code("KM018", "Text too short or too long", "A text has limits.", "key: abc", "key: a"),
    Code("KM019", "Not in the right form", "A text must have a certain form.", "version: 1.0", 'version: 1.0.0'),
    Code("KM020", "Not a name", "Names have a-z, 0-9 and single underscores, start with a letter, and have at most 40 "
         "characters.", "Close Date: {…}", "close_date: {label: Close Date, …}"),
    Code("KM021", "Not possible here", "The value breaks a rule of its property.", "", "See the property's help."),
    Code("KM022", "No document", "A document is a map whose first key is its kind.", "label: Deal (first)",
         "entity: deal (first)"),
    Code("KM023", "Document without a name", "The kind's own key holds the name.", "entity:", "entity: deal"),
    Code("KM025", "Written twice", "Two documents, apps or records have one name.", "entity: deal in two files",
         "Rename or remove one."),
    Code("KM026", "App without app document", "A folder below apps needs an app.yaml.", "apps/sales/ without app.yaml",
         "app: sales, with label and version"),
    Code("KM027", "App and folder differ", "An app lives in a folder of its name.", "apps/sales/ with app: selling",
         "app: sales"),
    Code("KM028", "App missing", "An app that is asked for or required is not there.", "requires: {bsae: '>=1.0'}",
         "requires: {base: '>=1.0'}"),
    Code("KM029", "Version does not fit", "The required app has another version, or the range cannot be read.",
         "requires: {base: '>=9'}", "Upgrade the app, or widen the range."),
    Code("KM030", "Apps require each other", "The layers would have no order.", "sales → service → sales",
         "Move what both need into a third app."),
    Code("KM031", "Two customer layers", "One app at most says customer: true.", "", "Join them."),
    Code("KM040", "Customer name without x_", "Names of the customer's layer start with x_, so that no upgrade of an "
         "app ever meets them.", "entity: project", "entity: x_project"),
    Code("KM041", "x_ outside the customer's layer", "The prefix is kept for customers.", "x_code: {type: text}",
         "code: {type: text}"),
    Code("KM042", "Reserved name", "The system or the expression language uses the word.", "id: {type: text}",
         "number: {type: text}"),
    Code("KM050", "Reference to nothing", "There is no document of that name.", "to: acount", "to: account"),
    Code("KM051", "App not required", "A reference leads to an app that this one does not stand on.",
         "to: service.case", "requires: {service: '>=1.0'}"),
    Code("KM052", "Unknown field", "The entity has no such field.", "sort: [-amout]", "sort: [-amount]"),
    Code("KM053", "No title", "The entity has no field 'name' and does not say which field names a record.",
         "fields: {subject: …}", "title: subject"),
    Code("KM054", "Related list does not point here", "The field `by` must be a lookup to the form's entity.",
         "by: owner", "by: account"),
    Code("KM055", "Menu entry", "An entry opens one entity or one view.", "deals: {}", "deals: {entity: deal}"),
    Code("KM056", "Field without a column", "Values that are worked out or live elsewhere cannot be unique or indexed.",
         "unique: true on a formula", "Take it away."),
    Code("KM057", "Not an option", "The value is not among the options, or the choice has none or two sources of them.",
         "default: opne", "default: open"),
    Code("KM058", "Dependent choice", "What another field allows cannot be worked out.", "allowed without depends_on",
         "depends_on: country"),
    Code("KM059", "Unknown record", "A lookup in a data document names a record that no data document holds.",
         "account: acmee", "account: acme"),
    Code("KM060", "Options that cannot be", "A type refuses its options, or no record could have the default.",
         "min: 5, max: 1", "min: 1, max: 5"),
    Code("KM061", "Roles in a ring", "Roles include each other.", "a includes b, b includes a", "Remove one."),
    Code("KM062", "Deletes in a ring", "Cascading deletes go round.", "on_delete: cascade both ways",
         "on_delete: clear on one side"),
    Code("KM063", "Formulas in a ring", "Formulas need each other.", "a = b + 1, b = a - 1",
         "Work one of them out from other fields."),
    Code("KM064", "Former name still there", "`was` names something that still exists, or that another claims too.",
         "was: amount beside amount", "Remove `was`."),
    Code("KM065", "Stage that is not there", "`required_from` names a choice field and one of its options.",
         "required_from: [proposal]", "required_from: [stage.proposal]"),
    Code("KM066", "Rule that cannot act", "A rule refuses, sets or gives defaults; one of these, where it can be done.",
         "a rule with set and refuse", "Make two rules of it."),
    Code("KM067", "Default of a setting", "The value does not fit the type of the setting.",
         "type: integer, default: ten", "default: 10"),
    Code("KM070", "Expression", "A condition or formula cannot be read, or its types do not fit.",
         "where: amount = 5", "where: amount == 5"),
    Code("KM071", "No order", "Values of the type cannot be sorted.", "sort: [picture]", "sort: [name]"),
    Code("KM080", "Patch of its own app", "A patch changes the apps below.", "patch: entity in the same app",
         "Change the document."),
    Code("KM081", "Entry of a patch", "The path names no property, or the action does not go with it.",
         "set: {fields.amount.lable: Value}", "set: {fields.amount.label: Value}"),
    Code("KM082", "Locked", "Stored data and other apps rely on the property.", "set: {fields.amount.type: text}",
         "Add a field of your own."),
    Code("KM083", "May only grow", "Items may be added, not taken away or replaced as a whole.",
         "hide: [options.won]", "set: {options.won.active: false}"),
    Code("KM084", "Two apps, one property", "Neither app stands on the other, so nobody can say which one wins.",
         "two apps set fields.amount.label", "Let one require the other."),
    Code("KM085", "Patch set aside", "Warning: what the entry changes is gone, so it is not applied and not lost.",
         "set: {fields.old_name.label: X}", "Give it the new name, or remove it."),
    Code("KM086", "Changed below", "Warning: the layer below says something else than when the patch was made; the "
         "patch still applies.", "saw: {fields.amount.label: Amount}", "Look at both, then correct `saw`."),
    Code("KM087", "Loosened", "A customer's layer may tighten what an app demands, not loosen it.",
         "set: {fields.name.required: false}", "Give the field a default; make a role of your own."),
    Code("KM090", "Nobody may read", "Warning: no role grants reading the entity.", "a new entity without grants",
         "grants: {project: {read: all}}"),
)  # fmt: skip
"""All codes, in order."""


def issues_page() -> str:
    """Return ``docs/issues.md``."""
    lines = [
        "# Issues of metadata",
        "",
        "What `kith check` may say, why, and what to do. Generated from `kith_metadata/codes.py`.",
        "",
    ]
    for code in CODES:
        lines += [f"## {code.code}: {code.title}", "", code.cause, ""]
        if code.example:
            lines += [f"- For example: `{code.example}`"]
        lines += [f"- Instead: {code.mend if ' ' in code.mend and ':' not in code.mend else f'`{code.mend}`'}", ""]
    return "\n".join(lines)
