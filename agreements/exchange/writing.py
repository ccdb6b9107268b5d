"""Framework documents as text: YAML that people edit, JSON that programs read."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from agreements.exchange.events import plain_value

# Leaves shorter than this stand in one line, as in framework-format.md: {code: general, title: …}.
ONE_LINE = 100
# What these hold in a framework are days and months; everywhere else such text is quoted.
_DAY_KEYS = frozenset({"due", "cutoff", "from", "to"})
# A list of these has an entry a block, however short.
_BLOCK_KEYS = frozenset({"indicators", "children"})

_LEVEL = re.compile(r"0|[1-9][0-9]{0,8}")
_LIKE_A_NUMBER = re.compile(r"[-+.]?[0-9][-+.0-9_eExXoO]*")
_TEXT = "tag:yaml.org,2002:str"
_TAGS = {bool: "tag:yaml.org,2002:bool", int: "tag:yaml.org,2002:int", type(None): "tag:yaml.org,2002:null"}


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as framework-format.md does."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001 -- PyYAML's
        super().increase_indent(flow, False)


_RESOLVER = yaml.resolver.Resolver()


def to_json(document: Mapping[str, Any]) -> str:
    """Return `document`, made of what JSON has, as JSON."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_yaml(document: Mapping[str, Any]) -> str:
    """Return `document`, made of what JSON has, as YAML."""
    written: str = yaml.serialize(
        _mapping(document, in_block=True), Dumper=_Dumper, allow_unicode=True, width=1_000_000, encoding=None
    )
    return written


def _node(value: Any, key: str) -> yaml.Node:
    if isinstance(value, Mapping):
        return _mapping(value, in_block=False)
    if isinstance(value, list | tuple):
        return _list(value, key)
    return _scalar(value, is_day=key in _DAY_KEYS)


def _mapping(value: Mapping[str, Any], *, in_block: bool) -> yaml.MappingNode:
    pairs = [(_key(name), _node(entry, name)) for name, entry in value.items()]
    leaves = [leaf for pair in pairs for leaf in pair]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not in_block and _fits_one_line(leaves))


def _list(value: list[Any] | tuple[Any, ...], key: str) -> yaml.SequenceNode:
    if key in _BLOCK_KEYS:
        entries: list[yaml.Node] = [_mapping(entry, in_block=True) for entry in value]
        return yaml.SequenceNode("tag:yaml.org,2002:seq", entries, flow_style=not entries)
    entries = [_node(entry, "") for entry in value]
    return yaml.SequenceNode("tag:yaml.org,2002:seq", entries, flow_style=_fits_one_line(entries))


def _fits_one_line(nodes: list[yaml.Node]) -> bool:
    if not all(isinstance(node, yaml.ScalarNode) and node.style != "|" for node in nodes):
        return False
    return sum(len(node.value) + 2 for node in nodes) <= ONE_LINE


def _key(name: str) -> yaml.ScalarNode:
    # Levels are whole numbers in YAML and, having no choice, text in JSON.
    return _scalar(int(name) if _LEVEL.fullmatch(name) else name, is_day=False)


def _scalar(value: Any, *, is_day: bool) -> yaml.ScalarNode:
    if isinstance(value, str):
        return _text(value, is_day=is_day)
    return yaml.ScalarNode(_TAGS[type(value)], json.dumps(value))


def _text(value: str, *, is_day: bool) -> yaml.ScalarNode:
    if is_day and isinstance(plain_value(value), date):
        return yaml.ScalarNode("tag:yaml.org,2002:timestamp", value)
    if "\n" in value:
        return yaml.ScalarNode(_TEXT, value, style="|")
    return yaml.ScalarNode(_TEXT, value, style='"' if _reads_as_more(value) else None)


def _reads_as_more(text: str) -> bool:
    """Return whether some YAML reader would take unquoted `text` for a number, a date, a flag or nothing."""
    resolved = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    # YAML 1.2 also has 1e3 and 0o17.
    return resolved != _TEXT or not isinstance(plain_value(text), str) or _LIKE_A_NUMBER.fullmatch(text) is not None
