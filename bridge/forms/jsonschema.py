"""The JSON Schema of a form's file, by which an editor completes and checks it while somebody writes.

It says what keys there are and what their values look like.  What hangs together between questions
(conditions, roles, languages) only `schema.parse` finds.
"""

from __future__ import annotations

from typing import Any

from bridge.forms.schema import Form

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document() -> dict[str, Any]:
    """The schema as JSON data (draft 2020-12)."""
    made = Form.model_json_schema(by_alias=True, mode="validation")
    made = {"$schema": DIALECT, **made, "title": "A form of Folkmoot"}
    # one of the two lists of questions, and not both
    made["oneOf"] = [{"required": ["questions"]}, {"required": ["sections"]}]
    return made
