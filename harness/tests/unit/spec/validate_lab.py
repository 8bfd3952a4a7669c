#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Says of each lab spec whether docs/lab.schema.json takes it.

  validate_lab.py SCHEMA FILE...

Prints a line for each file: "ok", or what is wrong with it. Exit status: 0, or 77 when python3-jsonschema or
python3-yaml is missing.
"""

import json
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(missing)
    sys.exit(77)


class Core(yaml.SafeLoader):
    """Plain scalars as YAML 1.2's core schema has them, which is what editors go by: 0640 is 640, yes is a text."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^([-+]?[0-9]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    ("float", r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", list("-+.0123456789")),
]:
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), first)
# Without YAML 1.1's octal numbers and sexagesimal fractions.
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 16 if "x" in node.value else 10))
Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))


def fault_of(validator, path):
    with open(path, encoding="utf-8-sig") as file:
        error = jsonschema.exceptions.best_match(validator.iter_errors(yaml.load(file, Core)))
    if error is None:
        return "ok"
    where = "/".join(str(part) for part in error.absolute_path)
    return f"{where}: {error.message}".replace("\n", " ")[:400]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    for path in sys.argv[2:]:
        print(fault_of(validator, path))


main()
