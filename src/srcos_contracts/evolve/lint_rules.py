"""The rules that lint holds schemas to: what each says, what to do, and what goes wrong without it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from srcos_contracts.finding import Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path

__all__ = ["LINT_RULES", "Fault", "LintRule"]


class LintRule(NamedTuple):
    """What a rule says of a schema that keeps it."""

    message: str
    help: str
    why: str
    general: bool = False
    """Whether it holds for any JSON Schema, or only for contracts and their shared definitions."""


class Fault(NamedTuple):
    """One breach of one rule in one schema file, before its place is looked up in the text."""

    rule: str
    path: Path
    """The place in the schema, or where something that is missing should be."""
    detail: str
    help: str = ""
    """What to do about this one; empty where the rule's own help says it."""
    at_key: bool = False
    """Whether the member's name is at fault, and not its value."""
    severity: Severity = "error"
    span: tuple[int, int] | None = None
    """Offsets in the text, for faults of layout."""


_RULES = {
    "lint-schema": LintRule(
        "a schema is valid by the rules of its dialect",
        "write what the dialect allows here",
        "A validator refuses the whole schema, or ignores the part that it does not understand.",
        True,
    ),
    "lint-dialect": LintRule(
        "a schema names the dialect that it is written in",
        'set $schema to "https://json-schema.org/draft/2020-12/schema"',
        "Without it every validator guesses, and the same words mean different things to different drafts.",
        True,
    ),
    "lint-keyword": LintRule(
        "every keyword is one that the dialect or the vocabulary knows",
        "correct the spelling, or take the keyword out",
        "Validators ignore what they do not know: a misspelt constraint constrains nothing.",
        True,
    ),
    "lint-pattern-linear": LintRule(
        "every pattern can be matched in linear time",
        "write the pattern without look-around and back-references, or split it into several patterns",
        "A pattern that backtracks can be made to run for ever by whoever writes the payload.",
        True,
    ),
    "lint-format": LintRule(
        "every format is one that validators assert",
        "say it with a pattern, or take the format out",
        "A format that nothing asserts looks like a check and is none.",
        True,
    ),
    "lint-ref": LintRule(
        "every $ref leads to a schema",
        "correct the path or the name after #; nothing is ever fetched from the network",
        "A reference that leads nowhere keeps the whole schema from being used.",
        True,
    ),
    "lint-contract": LintRule(
        "a contract says which one it is, and lies where its name and version say",
        "make x-contract.name and x-contract.version the folder and the file: schemas/<name>/<version>.json",
        "Whoever looks for a version of a contract goes by the path, and records by the name.",
    ),
    "lint-id": LintRule(
        "$id is the base URI and the file's path under the folder of schemas",
        "set $id to the URI that belongs to the file's path",
        "References and copies find a schema by its $id; two files that share one hide each other.",
    ),
    "lint-discriminator": LintRule(
        "every member of the discriminator is a required property with that constant",
        "list the member in required, and give its property the constant as const",
        "A record could be claimed by one contract and yet say that it is of another.",
    ),
    "lint-closed-object": LintRule(
        "an object is closed but for ^x- names, or says that it is open",
        'add "patternProperties": { "^x-": true } and "additionalProperties": false, or, on purpose, "additionalProperties": true',
        "In an open object a misspelt name is taken for a new one, and what it should say goes missing.",
    ),
    "lint-pattern-anchored": LintRule(
        "a pattern describes the whole value, from ^ to $",
        "begin every alternative with ^ and end it with $, as in ^(?:a|b)$",
        "A pattern without anchors is content with any value that has a good part somewhere.",
    ),
    "lint-pattern-portable": LintRule(
        "a pattern means the same in every validator",
        "write characters and classes out, as in [0-9] or [A-Za-z0-9_]",
        "Regular expression engines differ in these: what one validator accepts, another refuses.",
    ),
    "lint-description": LintRule(
        "every contract and every property says what it means",
        "add a description, here or at the end of its $ref",
        "Producers fill a field whose meaning is not written down with what they believe it means.",
    ),
    "lint-property-name": LintRule(
        "property names have the case style of their family",
        "write camelCase where type and specVersion tell the contract, snake_case elsewhere",
        "Producers guess the spelling of a field from its neighbours.",
    ),
    "lint-rule-text": LintRule(
        "a rule has a message without a full stop, a help and a why",
        "write message as what holds when all is well, help as what to do, why as what goes wrong without the rule",
        "A finding is worth as much as it tells whoever has to mend the record.",
    ),
    "lint-rule-id": LintRule(
        "a contract's rule has an id of its own, not that of a rule of shape, of reading, about several records or about contracts",
        "give the rule another id, and rename the folders of its examples and its cases with it",
        "An id says which rule was broken, in findings, --select, --ignore and explain; two rules that share one cannot be told apart.",
    ),
    "lint-rule-example": LintRule(
        "every rule has a stored example that breaks it, and its contract one that keeps it",
        "store an example with one fault under invalid/, in a folder named for the rule",
        "A rule without a failing example can be lost without anybody noticing.",
    ),
    "lint-warning": LintRule(
        "rules of severity warning stand in x-warn, and x-warn where failing changes no branch",
        "move the subschema into the x-warn of the object that it is about, and give its rule the severity warning",
        "Elsewhere the failure is an error, or decides which branch is taken.",
    ),
    "lint-final-state": LintRule(
        "final states are among the states of the member that x-state marks",
        "write x-final beside x-state, and in it only words of the member's enum",
        "A final state that no record can have guards nothing: a record goes back from the one that was meant, and nobody is told.",
    ),
    "lint-series": LintRule(
        "records that follow one another under one id have a time or a state that tells them apart",
        'mark the time of the record with "x-time": true or its state with "x-state": true, or write "x-id": true',
        "Without either the second record of a series counts as another record of the same id, and every series is a breach of id-unique.",
    ),
    "lint-typed-reference": LintRule(
        "every reference to another record is typed by x-ref",
        'add "x-ref": { "role": ..., "to": [...] } beside the type; to lists contracts, and is empty where it leads outside',
        "An untyped reference is never resolved, so a dangling one is never found.",
    ),
    "lint-if-required": LintRule(
        "an if requires the properties that it tests",
        "list the property in the required of the same subschema",
        "An absent property passes every test, so the condition also holds for records that do not have it.",
    ),
    "lint-vocabulary": LintRule(
        "x- keywords have the form that the vocabulary gives them",
        "see docs/vocabulary.md for the keyword's form",
        "A keyword of another form is refused, or says something else than it seems to.",
    ),
    "lint-unused-definition": LintRule(
        "every definition is one that a contract uses",
        "take the definition out, or refer to it",
        "What nothing uses is not tested, and misleads whoever copies it.",
    ),
    "lint-layout": LintRule(
        "a schema file is indented by two spaces, without trailing white space, and ends with one newline",
        "run: srcos-validate lint --fix",
        "Layout that differs from file to file hides real changes in a diff.",
    ),
    "lint-released": LintRule(
        "a released file is as it was released",
        "restore the file, and make the change in a new version: srcos-validate new CONTRACT --version VERSION",
        "Whoever has copied a released schema relies on it: two texts of one version are two contracts.",
    ),
    "lint-key-order": LintRule(
        "the members of a schema's root stand in the usual order",
        "run: srcos-validate lint --fix",
        "Readers look for a contract's parts where all other contracts have them.",
    ),
}

LINT_RULES: Mapping[str, LintRule] = MappingProxyType(_RULES)
"""Every rule by its id."""
