# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""What can be wrong with a folder, and how it is read."""
import json


class Unreadable(Exception):
    """With a message for the user: which file, what is wrong, what to do."""


def read_json(file):
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Unreadable(f"{file} cannot be read: {problem}") from problem
    if not isinstance(value, dict):
        raise Unreadable(f"{file} is not what a run writes: an object is wanted")
    return value
