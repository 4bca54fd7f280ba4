"""The rules of shape as documents: what a finding `schema-<keyword>` says, wherever no rule of the contract stands over it."""

from __future__ import annotations

from srcos_contracts.named import NamedTuple

__all__ = ["SHAPE_RULES", "ShapeRule"]


class ShapeRule(NamedTuple):
    """What the breach of one keyword means, for all contracts."""

    id: str
    message: str
    """What holds when all is well."""
    why: str
    help: str


_TYPE = "Whoever reads the record relies on it: a program for its types, a person for its words."
_BOUND = "Outside the bound the value means nothing, or nothing that anybody planned for."
_PLACES = "Two places that contradict each other leave every reader to pick the one to believe."
_CONTENT = "A text that cannot be decoded is of no use to whoever reads it."
_FORMS = "compare the value with the schema line that the finding names"

SHAPE_RULES: tuple[ShapeRule, ...] = (
    ShapeRule("schema-additional-items", "a list has only the items that its schema describes", _BOUND, "remove the items past those"),
    ShapeRule(
        "schema-additional-properties",
        "an object has only the members that its contract declares",
        "A name that nobody declared is mostly a misspelling, or meant for another version; its value would be lost in silence.",
        "correct the name, remove the member, or give it a name that begins with x-",
    ),
    ShapeRule("schema-all-of", "a value has all of the forms that its schema asks for", _TYPE, _FORMS),
    ShapeRule(
        "schema-any-of",
        "a value has one of the forms that the contract allows",
        _TYPE,
        "compare the value with the type that the contract's table of fields gives",
    ),
    ShapeRule(
        "schema-const",
        "a member holds the one value that the contract gives for it",
        "Such members say what the record is, or promise something that always holds; another value makes it another record.",
        "write exactly the value that the finding names; if the record is of another contract or version, set its discriminator",
    ),
    ShapeRule("schema-contains", "a list has the item that the contract asks for", _TYPE, "add the item that the finding names"),
    ShapeRule("schema-content-encoding", "a text is encoded as its schema says, such as in Base64", _CONTENT, "encode the text so"),
    ShapeRule("schema-content-media-type", "a text holds what its schema says, such as JSON", _CONTENT, "write the text in that form"),
    ShapeRule(
        "schema-dependencies",
        "a member that asks for others has them beside it",
        "The one means nothing without the others.",
        "add the missing member, or remove the one that asks for it",
    ),
    ShapeRule(
        "schema-dependent-required",
        "a member that asks for another one has it beside it",
        "The one means nothing without the other.",
        "add the missing member, or remove the one that asks for it",
    ),
    ShapeRule(
        "schema-dependent-schemas",
        "an object with a certain member is of the form that the member asks for",
        "The member means nothing in an object of another form.",
        "correct the object, or remove the member that asks for it",
    ),
    ShapeRule(
        "schema-digest",
        "a digest is that of the record as it stands",
        "A digest that does not fit means that the record was changed after it was sealed.",
        "never edit a sealed record: write a new one, with its own digest",
    ),
    ShapeRule("schema-else", "a value that does not meet a condition has the form that is asked of it then", _TYPE, _FORMS),
    ShapeRule(
        "schema-enum",
        "a member holds one of the words that the contract lists",
        "A word outside the list is read by nobody: programs skip the record, or take it for the wrong kind.",
        "use one of the listed words, spelled exactly so; a new word is a change of the contract",
    ),
    ShapeRule("schema-equal", "parts of strings that say the same thing agree", _PLACES, "correct the one that is wrong"),
    ShapeRule("schema-exclusive-maximum", "a number is less than its bound", _BOUND, "correct the number"),
    ShapeRule("schema-exclusive-minimum", "a number is more than its bound", _BOUND, "correct the number"),
    ShapeRule(
        "schema-false",
        "a member that the contract rules out is not there",
        "In such a record the member would contradict what the rest says.",
        "remove the member",
    ),
    ShapeRule(
        "schema-format",
        "a text has the format that the contract names, such as an RFC 3339 date-time with its offset",
        "A time without an offset, or a date that does not exist, cannot be put in order with others.",
        "write the text in that format: 2026-05-06T14:30:00Z",
    ),
    ShapeRule("schema-in", "a value is among those that another member lists", _PLACES, "use a listed value, or add it to the list"),
    ShapeRule("schema-items", "every item of a list has the form that its schema gives for it", _TYPE, _FORMS),
    ShapeRule("schema-keys", "the keys of one map agree with those of another", _PLACES, "remove the key, or add it to the other map"),
    ShapeRule("schema-max-contains", "a list has at most so many items of one form", _BOUND, "keep the items that matter"),
    ShapeRule("schema-max-items", "a list has at most so many items", _BOUND, "keep the items that matter, or write several records"),
    ShapeRule("schema-max-length", "a text has at most so many characters", _BOUND, "shorten the text"),
    ShapeRule("schema-max-properties", "an object has at most so many members", _BOUND, "remove members, or write several records"),
    ShapeRule("schema-maximum", "a number is at most its bound", _BOUND, "correct the number"),
    ShapeRule("schema-min-contains", "a list has at least so many items of one form", _BOUND, "add what is missing"),
    ShapeRule(
        "schema-min-items",
        "a list has at least so many items",
        _BOUND,
        "add what is missing; if there is nothing to list, the record may be of another kind",
    ),
    ShapeRule("schema-min-length", "a text has at least so many characters", _BOUND, "say it in full"),
    ShapeRule("schema-min-properties", "an object has at least so many members", _BOUND, "add what is missing"),
    ShapeRule("schema-minimum", "a number is at least its bound", _BOUND, "correct the number"),
    ShapeRule("schema-multiple-of", "a number is a multiple of its step", _BOUND, "correct the number"),
    ShapeRule(
        "schema-not",
        "a value is not of the form that the contract rules out",
        "The form is ruled out because it would be misread.",
        "write the value as the field's description says",
    ),
    ShapeRule(
        "schema-not-in", "a value is not among those that another member lists", _PLACES, "remove it from the list, or use another value"
    ),
    ShapeRule(
        "schema-one-of",
        "a value has exactly one of the forms that the contract allows",
        "Where two forms fit, readers differ in which they take.",
        "compare the value with the type that the contract's table of fields gives",
    ),
    ShapeRule(
        "schema-order",
        "times stand in their order",
        "A record whose end is before its beginning was not written from what happened.",
        "compare the times as instants, with their offsets, and write them from one clock",
    ),
    ShapeRule(
        "schema-path",
        "a file lies on a path that has the parts which its contract needs",
        "The path is where readers look for the record; elsewhere nobody finds it.",
        "move the file to the path that the contract is bound to",
    ),
    ShapeRule(
        "schema-pattern",
        "a text has the form that the contract gives for it",
        "Names and references are found by their form; one that does not fit leads nowhere.",
        "write the text in the form that the finding shows",
    ),
    ShapeRule(
        "schema-prefix-items", "the first items of a list have the forms that its schema gives for them, in this order", _TYPE, _FORMS
    ),
    ShapeRule(
        "schema-property-names",
        "the names of a map have the form that the contract gives for them",
        "The names are references or words too; one that does not fit leads nowhere.",
        "rename the member as the finding shows",
    ),
    ShapeRule(
        "schema-required",
        "every member that the contract requires is there",
        "Whoever reads the record relies on the member, and can only guess where it is missing.",
        "add the member; the finding says what it means",
    ),
    ShapeRule(
        "schema-template",
        "a text parses as a template of the language that the contract names",
        "A template that does not parse fails when it is used, far from whoever wrote it.",
        "mend the tag or the filter that the finding names",
    ),
    ShapeRule("schema-then", "a value that meets a condition has the form that is asked of it then", _TYPE, _FORMS),
    ShapeRule(
        "schema-type",
        "a value has the type that the contract gives for it",
        _TYPE,
        "write the value as that type: text in quotes, numbers and true or false without",
    ),
    ShapeRule("schema-unevaluated-items", "a list has only the items that its schema describes", _BOUND, "remove the items past those"),
    ShapeRule(
        "schema-unevaluated-properties",
        "an object has only the members that its contract declares",
        "A name that nobody declared is mostly a misspelling; its value would be lost in silence.",
        "correct the name, remove the member, or give it a name that begins with x-",
    ),
    ShapeRule(
        "schema-unique",
        "no two items of a list have the same name",
        "Two entries of one name contradict each other, or count twice.",
        "keep the one that is meant",
    ),
    ShapeRule(
        "schema-unique-items", "every item of a list stands there once", "An item that stands twice counts twice.", "remove the repetition"
    ),
)
