"""The rules by which atoms follow from what is known of a value, by the kind of the atom."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from srcos_contracts.compat import items, keywords, members, scalars
from srcos_contracts.compat.atoms import Atom
from srcos_contracts.compat.facts import Facts, Logic, Reason

__all__ = ["RULES"]

RULES: Mapping[str, Callable[[Logic, Facts, Atom], Reason | None]] = {
    "type": scalars.type_,
    "enum": scalars.listed,
    "least": scalars.bound,
    "most": scalars.bound,
    "multipleOf": scalars.multiple,
    "pattern": scalars.pattern,
    "minLength": scalars.length,
    "maxLength": scalars.length,
    "members": members.members,
    "required": members.required,
    "dependent": members.dependent,
    "propertyNames": members.names,
    "minProperties": members.number,
    "maxProperties": members.number,
    "items": items.items,
    "contains": items.contains,
    "uniqueItems": items.unique,
    "minItems": items.number,
    "maxItems": items.number,
    **keywords.KEYWORD_RULES,
}
