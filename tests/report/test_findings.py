"""Findings for machines: SARIF by its schema, annotations whose text stays text."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from derivations.check import DocumentCheck, check_document
from derivations.report.findings import Finding, findings, label
from derivations.report.github import as_github
from derivations.report.sarif import as_sarif
from derivations.report.visible import visible
from tests.report.documents import RIGHT, UNREADABLE, WRONG, write_page

SCHEMA = (
    Path(__file__).parents[2]
    / ".ci/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
)
HOSTILE = "x = 1 \\text{%0A::error::}\n::set-output name=a::b, c: {0} [d](e) \u202e"
# The part of the SARIF 2.1.0 schema that a report of ours uses; nothing else may stand there.
TEXT = {"type": "object", "required": {"text": {"type": "string"}}}
NOTICE = {"type": "object", "required": {"level": {"enum": ["error"]}, "message": TEXT}}
RULE = {
    "type": "object",
    "required": {
        "id": {"type": "string"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "defaultConfiguration": {
            "type": "object",
            "required": {"level": {"enum": ["none", "note", "warning", "error"]}},
        },
    },
}
REGION = {
    "type": "object",
    "required": {
        "startLine": {"type": "integer", "minimum": 1},
        "endLine": {"type": "integer", "minimum": 1},
        "snippet": TEXT,
    },
}
ARTIFACT = {
    "type": "object",
    "required": {"uri": {"type": "string"}},
    "optional": {"uriBaseId": {"enum": ["%SRCROOT%"]}},
}
LOCATION = {
    "type": "object",
    "required": {
        "physicalLocation": {
            "type": "object",
            "required": {"artifactLocation": ARTIFACT, "region": REGION},
        }
    },
}
RESULT = {
    "type": "object",
    "required": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["warning", "error"]},
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION},
        "partialFingerprints": {"type": "object", "required": {"claim/v1": {"type": "string"}}},
    },
}
RUN = {
    "type": "object",
    "required": {
        "tool": {
            "type": "object",
            "required": {
                "driver": {
                    "type": "object",
                    "required": {
                        "name": {"type": "string"},
                        "version": {"type": "string"},
                        "rules": {"type": "array", "items": RULE},
                    },
                }
            },
        },
        "columnKind": {"enum": ["unicodeCodePoints"]},
        "invocations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": {
                    "executionSuccessful": {"type": "boolean"},
                    "toolExecutionNotifications": {"type": "array", "items": NOTICE},
                },
            },
        },
        "results": {"type": "array", "items": RESULT},
    },
}
LOG = {
    "type": "object",
    "required": {
        "$schema": {"type": "string"},
        "version": {"enum": ["2.1.0"]},
        "runs": {"type": "array", "items": RUN},
    },
}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def violations(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """Where a value leaves its schema."""
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{where}: {value!r}"]
    if not isinstance(value, TYPES[schema["type"]]):
        return [f"{where}: not of type {schema['type']}"]
    if schema["type"] == "array":
        return [
            text
            for i, item in enumerate(value)
            for text in violations(item, schema["items"], f"{where}[{i}]")
        ]
    if schema["type"] == "integer" and value < schema["minimum"]:
        return [f"{where}: {value}"]
    if schema["type"] != "object":
        return []
    known = schema["required"] | schema.get("optional", {})
    found = [f"{where}: no {name}" for name in schema["required"] if name not in value]
    found += [f"{where}: unknown {name}" for name in value if name not in known]
    for name in known.keys() & value.keys():
        found += violations(value[name], known[name], f"{where}.{name}")
    return found


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> DocumentCheck:
    path = tmp_path_factory.mktemp("findings") / "my notes.md"
    return check_document(write_page(path, *RIGHT, WRONG, UNREADABLE, HOSTILE))


@pytest.fixture(scope="module")
def wrong(check: DocumentCheck) -> Finding:
    return next(f for f in findings([check]) if f.verdict.as_printed.value == "fails")


@pytest.fixture(scope="module")
def validator() -> Any:
    """Of the published schema, which comes with a package that npm installs."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    if not SCHEMA.is_file():
        pytest.skip("no schema: npm install --prefix .ci @microsoft/jest-sarif")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def test_a_log_keeps_to_the_published_schema(check: DocumentCheck, validator: Any) -> None:
    for checks in ([check], [check, check], []):
        assert list(validator.iter_errors(json.loads(as_sarif(checks)))) == []
    log = json.loads(as_sarif([check]))
    log["runs"][0]["results"][0]["level"] = "fatal"
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    del log["runs"][0]["tool"]
    assert len(list(validator.iter_errors(log))) == 3


def test_a_log_keeps_to_the_schema(check: DocumentCheck) -> None:
    assert violations(json.loads(as_sarif([check])), LOG) == []
    assert violations(json.loads(as_sarif([])), LOG) == []


def test_the_schema_sees_a_line_of_zero_a_missing_rule_and_a_stray_field(
    check: DocumentCheck,
) -> None:
    log = json.loads(as_sarif([check]))
    result = log["runs"][0]["results"][0]
    result["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    del result["ruleId"]
    result["colour"] = "red"
    assert len(violations(log, LOG)) == 3


def test_a_result_points_at_its_formula(check: DocumentCheck) -> None:
    lines = Path(check.document).read_text().splitlines()
    results = json.loads(as_sarif([check]))["runs"][0]["results"]
    assert [result["ruleId"] for result in results[:2]] == ["fails", "unreadable"]
    for result, printed in zip(results, (WRONG, UNREADABLE), strict=False):
        place = result["locations"][0]["physicalLocation"]
        assert lines[place["region"]["startLine"] - 1] == printed
        assert unquote(place["artifactLocation"]["uri"]).endswith("my notes.md")
        assert " " not in place["artifactLocation"]["uri"]


def test_a_document_below_is_named_from_the_root(
    check: DocumentCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(check.document).parent)
    place = json.loads(as_sarif([check]))["runs"][0]["results"][0]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"] == {
        "uri": "my%20notes.md",
        "uriBaseId": "%SRCROOT%",
    }


def test_fingerprints_differ(check: DocumentCheck) -> None:
    results = json.loads(as_sarif([check, check]))["runs"][0]["results"]
    prints = [result["partialFingerprints"]["claim/v1"] for result in results]
    assert len(set(prints)) * 2 == len(prints)


def test_a_message_opens_no_placeholder_and_no_link(check: DocumentCheck) -> None:
    for result in json.loads(as_sarif([check]))["runs"][0]["results"]:
        text = result["message"]["text"]
        assert "](" not in text
        assert not re.search(r"(?<!\{)\{(\{\{)*(?!\{)", text)


def test_an_annotation_is_one_command_a_line(check: DocumentCheck) -> None:
    *commands, totals = as_github([check]).splitlines()
    assert len(commands) == len(findings([check])) == 3
    for command in commands:
        assert re.match(
            r"::(error|warning) file=[^,:]*,line=\d+,endLine=\d+,title=[^,:]*::", command
        )
    assert totals.startswith("gradproof: ")


def test_an_annotation_says_what_is_wrong_and_what_is_true(wrong: Finding) -> None:
    assert wrong.text.startswith("∂L/∂W = ")
    assert "fails as printed under 'default'" in wrong.text
    assert f"closest true formula {wrong.verdict.reading} (" in wrong.text
    assert label(wrong.claim) == f"L{wrong.claim.line} dL/dW"


def test_what_hides_or_reorders_is_shown_by_its_number() -> None:
    assert visible("a\u202eb\x1b[31m\u2066") == "a\\u202eb\\u001b[31m\\u2066"
    assert visible("∂L/∂W·Xᵀ ≠ α") == "∂L/∂W·Xᵀ ≠ α"
