"""A notation file drafted from a document: what can be inferred, each line with where from."""

from __future__ import annotations

from collections import Counter

from ..document.grammar import LOSS
from ..document.lexer import Vocabulary
from ..document.markdown import Formula, Page
from ..document.syntax import (
    Add,
    Derivative,
    Expr,
    Name,
    Neg,
    Product,
    Script,
    walk,
)  # fmt: skip
from ..document.write import to_tex
from ..errors import NotationError
from ..functions import SPELLINGS
from .infer import (
    LAST_LETTERS,
    Found,
    infer,
    layer_of,
    names_symbol,
    note,
    note_symbols,
    plain_names,
    statements_of,
    symbol_of,
    trees_of,
)
from .model import Model
from .notation_file import parse_notation


def draft_notation(page: Page) -> str:
    """The TOML text of a notation file for a page; what is not known stands as a comment."""
    found = Found()
    formulas = [item for item in page.items if isinstance(item, Formula)]
    names = frozenset(SPELLINGS) | {"e"}
    words = Vocabulary(functions=names, macros=page.macros)
    single = {name for _, tree in trees_of(formulas, words) for name in plain_names(tree)}
    words = Vocabulary(functions=names, symbols=frozenset(single - names), macros=page.macros)
    for line, statement in statements_of(formulas, words):
        note(statement, line, found)
    infer(found)
    return _fitted(_written(found))


def _fitted(text: str) -> str:
    """The draft with every definition that does not fit its shapes set aside, and why."""
    for _ in range(text.count("\n")):
        try:
            for notation in parse_notation(text, "the draft").values():
                Model(notation).at(1)
            return text
        except NotationError as error:
            lines = text.split("\n")
            at = next((n for n, line in enumerate(lines) if _blamed(line, str(error))), None)
            if at is None:
                return text
            why = str(error).rpartition("): ")[2].split(";")[0]
            lines[at] = f"#{lines[at]}; does not fit: {why}"
            text = "\n".join(lines)
    return text


def _blamed(line: str, error: str) -> bool:
    formula = line.strip().partition("',")[0].removeprefix("'")
    return line.startswith("    '") and f"'{formula}'" in error


def _written(found: Found) -> str:
    loss, loss_line = _loss(found)
    rate = _rate(found)
    last = next((letter for letter, _ in found.last.most_common()), None)
    lines = ["# Drafted from the document: check every line, and fill in what is left open."]
    if rate:
        lines += [f"rate = {_quoted(rate[0])}  # line {rate[1]}"]
        found.shapes.setdefault(rate[0], ("scalar", rate[1]))
    if loss:
        found.shapes.setdefault(loss, ("scalar", loss_line))
    lines += _sizes(found)
    letters = [letter for letter, _ in found.letters.most_common() if letter not in LAST_LETTERS]
    if found.layered:
        lines += ["", "[layers]", f"index = [{', '.join(map(_quoted, letters[:2]))}]"]
        lines += [f"last = {_quoted(last or 'L')}"]
    if found.functions:
        lines += ["", "[functions]"]
        lines += [f'{n} = "{m}"  # line {line}' for n, (m, line) in found.functions.items()]
    lines += ["", "[shape]"]
    for name, line in found.uses.items():
        lines.append(_shape_line(name, line, found, {*letters, *found.sizes, last}))
    lines += _aliases(found)
    lines += _examples(found)
    return "\n".join([*lines, *_model(loss, loss_line, found)]) + "\n"


def _examples(found: Found) -> list[str]:
    """The numbers that the document prints for its symbols."""
    lines = [
        f"{_key(name)} = {numbers}  # line {line}"
        for name, (numbers, line) in found.examples.items()
        if name in found.shapes and name not in found.layered
    ]
    return ["", "[example]", *lines] if lines else []


def _key(name: str) -> str:
    return name if name.isalpha() and name.isascii() else f"'{name}'"


def _aliases(found: Found) -> list[str]:
    """``w`` beside a declared ``W``, layered as it is, is another way to write it."""
    same = [
        f'{name} = "{name.upper()}"  # line {line}'
        for name, line in found.uses.items()
        if name not in found.shapes and name in found.layered and name.upper() in found.shapes
    ]
    return ["", "[alias]", *same] if same else []


def _sizes(found: Found) -> list[str]:
    sizes = dict(found.sizes)
    lines = ["", "[sizes]"]
    if found.layered:
        lines += ['n = "inputs"', 'k = "outputs"']
    roles = {"m": "samples"} if found.layered else {}
    lines += [
        f'{size} = "{roles.get(size, "what it counts")}"  # line {line}'
        for size, line in sizes.items()
        if not (found.layered and size in ("n", "k"))
    ]
    return lines


def _shape_line(name: str, line: int, found: Found, letters: set[str | None]) -> str:
    key = _key(name)
    if name in found.shapes:
        shape, source = found.shapes[name]
        return f'{key} = "{shape}"  # line {source}'
    if name in letters:
        return f"# {key} is an index or a size (line {line})"
    return f'# {key} = "SIZE SIZE"  # fill in: used on line {line}'


def _model(loss: str | None, loss_line: int, found: Found) -> list[str]:
    lines = ["", "[model]"]
    if loss:
        lines.append(f"loss = {_quoted(loss)}  # line {loss_line}")
    else:
        lines.append('# loss = "L"  # fill in: what is differentiated')
    lines.append("forward = [")
    for acted, (data, line) in found.starts.items():
        lines.append(f"    '{acted}^0 = {data}',  # as line {line} needs it")
    done: set[str] = set()
    for head, sign, side, line in sorted(found.equations, key=lambda e: _at_last(e[0])):
        name = symbol_of(head)
        if name is None or name not in found.shapes or sign != "=" or name in done:
            continue
        if _defines(name, side, found) and _whole(head):
            done.add(name)
            text = f"    '{to_tex(head)} = {to_tex(side)}',  # line {line}"
            missing = sorted(_unknown(side, found))
            lines.append(f"#{text}; fill in {', '.join(missing)} first" if missing else text)
    return [*lines, "]"]


def _at_last(head: Expr) -> bool:
    """A definition for every layer goes before one for the last or a numbered layer."""
    layers = [layer_of(item) for item in head.sup] if isinstance(head, Script) else []
    return any(layer is None or layer[0] in LAST_LETTERS for layer in layers)


def _unknown(side: Expr, found: Found) -> set[str]:
    seen = Found()
    note_symbols(side, 0, seen)
    return seen.uses.keys() - found.shapes.keys() - found.letters.keys() - found.sizes.keys()


def _defines(name: str, side: Expr, found: Found) -> bool:
    """A definition speaks of known symbols, and not of what it defines at the same layer."""
    names = {symbol_of(node) for node in walk(side) if isinstance(node, Name | Script)} - {None}
    numbers = all(not isinstance(node, Name | Script) for node in walk(side))
    updating = isinstance(side, Add) and symbol_of(side.left) == name
    if isinstance(side, Derivative):
        return side.of != LOSS and symbol_of(side.of) in found.shapes
    slopes = any(isinstance(node, Derivative) for node in walk(side))
    return not (numbers or updating or slopes) and bool(names)


def _whole(head: Expr) -> bool:
    return not isinstance(head, Script) or all(names_symbol(item) for item in head.sub)


def _loss(found: Found) -> tuple[str | None, int]:
    """What is differentiated most often, whole and without a layer."""
    votes: Counter[str] = Counter()
    first: dict[str, int] = {}
    for head, _, side, line in found.equations:
        for node in (*walk(head), *walk(side)):
            if isinstance(node, Derivative) and node.of != LOSS and _whole(node.of):
                name = symbol_of(node.of)
                if name is not None and name not in found.layered:
                    votes[name] += 1
                    first.setdefault(name, line)
    best = votes.most_common(1)
    return (best[0][0], first[best[0][0]]) if best else (None, 0)


def _rate(found: Found) -> tuple[str, int] | None:
    """What multiplies the derivative in an update."""
    for head, _, side, line in found.equations:
        if isinstance(side, Add) and symbol_of(side.left) == symbol_of(head):
            step = side.right.arg if isinstance(side.right, Neg) else side.right
            if isinstance(step, Product) and (name := symbol_of(step.left)):
                return name, line
    return None


def _quoted(text: str) -> str:
    return f"'{text}'" if "\\" in text else f'"{text}"'
