"""The look of the HTML report: light and dark, on a wide page, a phone and paper."""

from __future__ import annotations

import base64
import hashlib

_CSS = """
:root { color-scheme: light dark; --page: #fcfcfa; --card: #ffffff; --text: #1c1d20;
  --soft: #565a63; --line: #d9dade; --good: #1a6b35; --bad: #b3201d; --open: #855000;
  --was: #fbe0dd; --now: #d9efdc; --head: #f1f1ee; --wrong1: #fbe3df; --wrong2: #f6c8c1;
  --wrong3: #efa89f; --wrong4: #e5887d; }
@media (prefers-color-scheme: dark) { :root { --page: #17181b; --card: #1f2125; --text: #e8e8e6;
  --soft: #a9adb6; --line: #3a3d44; --good: #7fd197; --bad: #ff9a92; --open: #f0bd6a;
  --was: #57272a; --now: #1f4a2c; --head: #282a2f; --wrong1: #3f2325; --wrong2: #592a2c;
  --wrong3: #763134; --wrong4: #94393b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 1.5rem 1.25rem 3rem; background: var(--page);
  color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.1rem; margin: 0; color: var(--soft); font-weight: 600; }
h2 { font-size: 1.5rem; margin: 1.25rem 0 0.25rem; overflow-wrap: anywhere; line-height: 1.25; }
h3 { font-size: 1rem; margin: 1.25rem 0 0.25rem; }
p { margin: 0.25rem 0; }
code { font: 0.875em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
math { font-size: 1.1rem; }
.soft { color: var(--soft); }
.totals { list-style: none; display: flex; flex-wrap: wrap; gap: 0.4rem 1.25rem; margin: 0.5rem 0;
  padding: 0; }
.totals b { font-size: 1.25rem; margin-right: 0.3rem; font-variant-numeric: tabular-nums; }
table.claims { width: 100%; table-layout: fixed; border-collapse: collapse; margin: 1rem 0;
  background: var(--card); border: 1px solid var(--line); }
table.claims thead th:first-child { width: 3.75rem; text-align: right; }
table.single thead th:nth-child(2) { width: 38%; }
table.single thead th:nth-child(3) { width: 8.75rem; }
table.claims caption { text-align: left; color: var(--soft); padding: 0 0 0.4rem; }
table.claims th, table.claims td { padding: 0.6rem 0.75rem; text-align: left;
  vertical-align: top; border-top: 1px solid var(--line); }
table.claims thead th { background: var(--head); font-size: 0.875rem; border-top: 0; }
table.claims tbody th { font-weight: 400; color: var(--soft); text-align: right;
  font-variant-numeric: tabular-nums; }
table.claims tr.more td { border-top: 0; padding: 0 0.75rem 0.5rem 4.5rem; }
.verdict { font-weight: 600; white-space: nowrap; }
.holds { color: var(--good); } .fails, .ill-typed { color: var(--bad); }
.undeclared, .unreadable, .inconclusive { color: var(--open); } .not-a-claim { color: var(--soft); }
.mark { display: inline-block; width: 1em; }
.formula { padding: 0.15rem 0; max-width: 100%; }
.long { overflow-x: auto; overflow-y: hidden; padding-block: 0.3rem; }
.now { background: var(--now); border-bottom: 2px solid var(--good); padding-bottom: 1px; }
.was { background: var(--was); border-bottom: 2px dotted var(--bad); padding-bottom: 1px; }
.edits { margin: 0.25rem 0; padding: 0; list-style: none; font-size: 0.875rem;
  color: var(--soft); }
details { font-size: 0.9375rem; margin-top: 0.25rem; }
summary { cursor: pointer; color: var(--soft); padding: 0.2rem 0; width: fit-content; }
summary:focus-visible, .formula:focus-visible { outline: 2px solid currentColor;
  outline-offset: 2px; }
ol { margin: 0; padding-left: 1.5rem; } ol li { margin-bottom: 0.4rem; }
figure { margin: 0.25rem 0 0.75rem; } figcaption { color: var(--soft); max-width: 29rem; }
svg { max-width: 100%; height: auto; display: block; font: 12px system-ui, sans-serif; }
svg text { fill: var(--soft); } svg .sign { fill: var(--text); font-weight: 700; }
.below { display: flex; flex-wrap: wrap; gap: 0 1.5rem; } .below details[open] { flex-basis: 100%; }
.sheets { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
  gap: 0 2rem; }
.wide { grid-column: 1 / -1; }
.grid { stroke: var(--line); } .axis { stroke: var(--soft); }
.line { fill: none; stroke-width: 2; } .line.bound { stroke: var(--soft); }
.area.bound { fill: var(--head); } circle.true { fill: var(--good); }
path.printed { stroke: var(--bad); stroke-width: 2; fill: none; }
.shade0 { fill: var(--now); } .shade1 { fill: var(--wrong1); } .shade2 { fill: var(--wrong2); }
.shade3 { fill: var(--wrong3); } .shade4 { fill: var(--wrong4); }
dl { display: grid; align-content: start; gap: 0.25rem 1rem; margin: 0.25rem 0 0.5rem;
  grid-template-columns: max-content minmax(0, 1fr); }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.numbers { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; }
.aside { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
.error { border: 2px solid var(--bad); padding: 0.5rem 0.75rem; margin: 1rem 0; }
.rest { padding-left: 1.25rem; color: var(--soft); overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: 0.875rem; margin-top: 2rem; }
@media (max-width: 52rem) {
  body { padding: 1rem 0.75rem 2rem; }
  table.claims, table.claims tbody, table.claims tr, table.claims td, table.claims tbody th,
  table.claims caption { display: block; width: 100%; }
  table.claims { border: 0; background: none; }
  table.claims thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  table.claims tr { background: var(--card); border: 1px solid var(--line); border-bottom: 0;
    border-radius: 6px 6px 0 0; margin: 0; padding: 0.5rem 0.75rem 0; }
  table.claims tr.more { border-top: 0; border-bottom: 1px solid var(--line);
    border-radius: 0 0 6px 6px; margin: 0 0 0.75rem; padding: 0 0.75rem 0.5rem; }
  table.claims tr.more td { padding: 0; }
  table.claims th, table.claims td { border: 0; padding: 0.15rem 0; }
  table.claims tbody th { text-align: left; font-size: 0.875rem; }
  table.claims [data-label]::before { content: attr(data-label) " "; color: var(--soft);
    font-size: 0.875rem; font-weight: 400; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dd { margin-bottom: 0.4rem; }
}
@media print {
  :root { --page: #ffffff; --card: #ffffff; --text: #000000; --soft: #444444; --line: #bbbbbb;
    --good: #1a6b35; --bad: #b3201d; --open: #855000; --was: #fbe0dd; --now: #d9efdc;
    --head: #eeeeee; --wrong1: #fbe3df; --wrong2: #f6c8c1; --wrong3: #efa89f; --wrong4: #e5887d;
    color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  tr, dl { break-inside: avoid; } thead { display: table-header-group; }
  summary { list-style: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
"""
STYLE = " ".join(_CSS.split())


def policy() -> str:
    """What the page may load: its own style, by its hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
