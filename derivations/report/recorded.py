"""Verdicts recorded as reviewed JSON, and compared in either direction."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..answer import AsPrinted, Verdict
from ..check import DocumentCheck
from ..errors import UsageError
from ..sources import BUILT_IN
from .spool import Spool
from .writing import write_whole

MAX_BYTES = 16 * 1024 * 1024
BUILT_IN_NAME = "built-in"
_KNOWN = frozenset(kind.value for kind in AsPrinted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is kept of a verdict: enough to see that it has changed."""

    as_printed: str
    reading_tex: str | None
    cost: int | None


_FIELDS = tuple(field.name for field in fields(Recorded))
Place = tuple[str, str]  # a document, as named from the record's directory, and a convention
Verdicts = dict[Place, dict[str, Recorded]]


class RecordError(UsageError):
    """A file of recorded verdicts that cannot be read or is not one."""


# -- writing ------------------------------------------------------------------------
def record(checks: Iterable[DocumentCheck], path: Path) -> None:
    """Writes the verdicts to a file, one claim a line.

    Raises: UsageError where it cannot be written.
    """
    with closing(Recording(path)) as recording:
        for check in checks:
            recording.add(check)
        write_whole("".join(recording), path)


class Recording:
    """The text of a record, of which a document is kept no longer than it takes to write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: set[Place] = set()
        self._entries = Spool()

    def close(self) -> None:
        self._entries.close()

    def add(self, check: DocumentCheck) -> None:
        place = place_of(check, self.path)
        if place not in self._places:
            separator = ",\n" if self._places else ""
            self._entries.write(f"{separator}{_entry(place, verdicts_of(check))}")
            self._places.add(place)

    def __iter__(self) -> Iterator[str]:
        yield '{"verdicts": [\n'
        yield from self._entries
        yield "\n]}\n"


def place_of(check: DocumentCheck, path: Path) -> Place:
    """The name by which a record at ``path`` knows a document under a convention."""
    return name_of(check.document, path), check.convention


def verdicts_of(check: DocumentCheck) -> dict[str, Recorded]:
    return {claim.id: recorded(verdict) for claim, verdict in check.claims}


def recorded(verdict: Verdict) -> Recorded:
    return Recorded(
        as_printed=verdict.as_printed.value, reading_tex=verdict.reading_tex, cost=verdict.cost
    )


def name_of(document: str, path: Path) -> str:
    """The document as seen from the record, so that both may move together."""
    if Path(document) == BUILT_IN:
        return BUILT_IN_NAME
    return Path(os.path.relpath(document, path.parent)).as_posix()


def _entry(place: Place, claims: dict[str, Recorded]) -> str:
    document, convention = (_json(name) for name in place)
    lines = ",\n".join(f"  {_json(name)}: {_json(asdict(kept))}" for name, kept in claims.items())
    return f'{{"document": {document}, "convention": {convention}, "claims": {{\n{lines}\n}}}}'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# -- reading ------------------------------------------------------------------------
def expected_verdicts(record_to: Path | None, expect: Path | None) -> Verdicts:
    """What a call expects, read before anything is judged.

    Raises: UsageError where the call would record as well, RecordError where the file is bad.
    """
    if record_to is not None and expect is not None:
        raise UsageError("--record and --expect exclude each other; give one of them")
    return {} if expect is None else load(expect)


def load(path: Path) -> Verdicts:
    """The verdicts recorded in a file.

    Raises: RecordError naming the file, the line and the remedy.
    """
    text = _text(path)
    try:
        data = json.loads(text, object_pairs_hook=_unrepeated)
        return _verdicts(data)
    except json.JSONDecodeError as error:
        raise _bad(path, error.lineno, f"not JSON: {error.msg}") from error
    except _MalformedError as error:
        raise _bad(path, _line_of(text, error.near), str(error)) from error
    except (RecursionError, ValueError) as error:
        raise _bad(path, 1, "not recorded verdicts: nested too deeply or a number too long") from (
            error
        )


class _MalformedError(Exception):
    """JSON of another form; ``near`` is a string that stands where it is wrong."""

    def __init__(self, message: str, near: str = "") -> None:
        super().__init__(message)
        self.near = near


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            problem = "no such file" if not path.exists() else "not a regular file"
            raise RecordError(f"{path}: {problem}; write it with --record {path}")
        if path.stat().st_size > MAX_BYTES:
            raise RecordError(f"{path}: more than {MAX_BYTES} bytes; record fewer documents in it")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}; check the name") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise _bad(path, line, "not UTF-8") from error


def _bad(path: Path, line: int, message: str) -> RecordError:
    return RecordError(f"{path}:{line}: {message}; write it again with --record {path}")


def _line_of(text: str, near: str) -> int:
    at = text.find(_json(near)) if near else 0
    return text.count("\n", 0, max(at, 0)) + 1


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _MalformedError(f"'{key}' stands there twice", key)
        found[key] = value
    return found


def _verdicts(data: Any) -> Verdicts:
    entries = data.get("verdicts") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise _MalformedError("no list under 'verdicts'")
    found: Verdicts = {}
    for entry in entries:
        if not isinstance(entry, dict) or set(entry) != {"document", "convention", "claims"}:
            raise _MalformedError("an entry has document, convention and claims, and nothing else")
        document, convention, claims = entry["document"], entry["convention"], entry["claims"]
        if not (isinstance(document, str) and isinstance(convention, str)):
            raise _MalformedError("document and convention are texts", "document")
        if not isinstance(claims, dict):
            raise _MalformedError("claims has one verdict an id", document)
        if (document, convention) in found:
            raise _MalformedError(f"'{document}' under '{convention}' stands there twice", document)
        found[document, convention] = {key: _recorded(key, value) for key, value in claims.items()}
    return found


def _recorded(name: str, value: Any) -> Recorded:
    if not isinstance(value, dict) or set(value) != set(_FIELDS):
        raise _MalformedError(f"'{name}' has {', '.join(_FIELDS)}, and nothing else", name)
    if not isinstance(value["as_printed"], str) or value["as_printed"] not in _KNOWN:
        raise _MalformedError(f"as_printed of '{name}' is one of {', '.join(sorted(_KNOWN))}", name)
    if not isinstance(value["reading_tex"], str | None):
        raise _MalformedError(f"reading_tex of '{name}' is a text or null", name)
    if not isinstance(value["cost"], int | None) or isinstance(value["cost"], bool):
        raise _MalformedError(f"cost of '{name}' is a whole number or null", name)
    return Recorded(**value)


# -- comparing ----------------------------------------------------------------------
def differences(expected: Verdicts, checks: Iterable[DocumentCheck], path: Path) -> list[str]:
    """One line a difference between a record at ``path`` and what was found now."""
    comparing = Comparing(expected, path)
    for check in checks:
        comparing.add(check)
    return comparing.lines()


class Comparing:
    """A record beside what is found now; of a document only its differences are kept."""

    def __init__(self, expected: Verdicts, path: Path) -> None:
        self.expected = expected
        self.path = path
        self._seen: set[Place] = set()
        self._lines: list[str] = []

    def add(self, check: DocumentCheck) -> None:
        place = place_of(check, self.path)
        if place not in self._seen:
            self._seen.add(place)
            at = {claim.id: claim.line for claim, _ in check.claims}
            self._lines += self._differences(place, verdicts_of(check), at)

    def lines(self) -> list[str]:
        """What differs, and at last what is missing."""
        missing = [place for place in self.expected if place not in self._seen]
        return self._lines + [line for each in missing for line in self._differences(each, {}, {})]

    def _differences(
        self, place: Place, found: dict[str, Recorded], lines: dict[str, int]
    ) -> Iterator[str]:
        document, convention = place
        for name, text in _compared(self.expected.get(place, {}), found):
            yield f"{document}{_at(lines.get(name))}: {name} under '{convention}': {text}"


def _at(line: int | None) -> str:
    return "" if line is None else f":{line}"


def _compared(
    expected: dict[str, Recorded], found: dict[str, Recorded]
) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys([*found, *expected]):
        old, new = expected.get(name), found.get(name)
        if old is None and new is not None:
            yield name, f"not recorded, now {new.as_printed}"
        elif new is None and old is not None:
            yield name, f"recorded as {old.as_printed}, now not there"
        elif old is not None and new is not None and old != new:
            yield name, "; ".join(_changes(old, new))


def _changes(old: Recorded, new: Recorded) -> Iterator[str]:
    """What has changed in one verdict, field by field."""
    for field in _FIELDS:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            name = "" if field == "as_printed" else f"{field.removesuffix('_tex')} "
            yield f"recorded {name}{_shown(before)}, now {_shown(after)}"


def _shown(value: object) -> str:
    return "none" if value is None else str(value)
