"""A document whose author wishes the reader ill; ``RUN`` is what its code would do."""

from pathlib import Path

from tests.report.documents import NOTATION, page

RUN = "document.title='run'"
BIDI = "\u202e\u2066\u200f"
FORMULAS = [
    f"<script>{RUN}</script> = 1",
    f"A = X W \\text{{<img src=x onerror={RUN}>}}",
    f"\\text{{</title></style></code><script>{RUN}</script>}} = 1",
    f"\\href{{javascript:{RUN}}}{{A}} = X W",
    f"A = X W \\text{{{BIDI}<svg onload={RUN}>}}",
    f"A{BIDI} = X W",
    "A = X W \\text{\u05d0\u05d1 1 \u0627 2}",
    "A\x1b[31m = \x07X W",
    "A = X W \\text{]]>--></math><script>" + RUN + "</script>}",
    'A = X W % "onmouseover="' + RUN,
    "%0A::error::x = 1, {0} [a](b)",
    "{" * 5000 + "A" + "}" * 5000 + " = 1",
    "(" * 2000 + "A" + ")" * 2000 + " = 1",
    "A" + "_{a" * 1000 + "}" * 1000 + " = 1",
    "L = " + "-" * 3000 + "1",
    "L = 2" + "^{2" * 20 + "}" * 20,
    "L = 9999999999^{99999999}",
    "L = " + "1" * 3000,
    "L = \\frac{1}{0}",
]
MACROS = "\n\\newcommand{\\a}{\\b\\b}\\newcommand{\\b}{\\a\\a}\n\n$$\n\\a = 1\n$$\n"
SKIPPED = f"\n<!-- gradproof: skip, <script>{RUN}</script>{BIDI} -->\n\n$$\nA = X W\n$$\n"


def write_hostile(directory: Path) -> Path:
    """Its name, its conventions, its comments and its formulas all try."""
    path = directory / f"a'\"><img src=x onerror={RUN}>{BIDI}.md"
    head, fence, _ = NOTATION.rpartition("```")
    convention = f'\n[convention."<script>{RUN}<|script>".shape]\n'.replace("|", "/")
    text = f"{head}{convention}{fence}\n{page(*FORMULAS).removeprefix(NOTATION)}{MACROS}{SKIPPED}"
    path.write_text(text, encoding="utf-8")
    return path
