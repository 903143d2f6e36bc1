"""A dossier as one HTML file that needs nothing else: every number can be linked to."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from sapar.hta.dossier.drawings import untitled
from sapar.hta.dossier.parts import Chart, Grid, Pairs, Said
from sapar.kernel.languages import formats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.safestring import SafeString

    from sapar.hta.dossier.parts import Block, Cell, Dossier, Head, Part

STYLE = """
:root{--ink:#14201f;--quiet:#4b5a58;--hair:#d5dad6;--done:#1b673a;--waiting:#6d5200;
--act:#a52f14;--stopped:#5d3560;color:var(--ink);background:#fff;
font:16px/1.5 "Sapar Sans","Noto Sans",system-ui,sans-serif}
body{max-width:62rem;margin:0 auto;padding:24px 16px 64px}
h1{font-size:2rem;line-height:1.2;margin:.2em 0}h2{font-size:1.5rem;margin:2.2em 0 .6em}
h3{font-size:1.1rem;margin:1.8em 0 .5em}p{max-width:72ch;margin:.5em 0}
.note,.lead-line,.cut{color:var(--quiet);font-size:.875rem}.lead{font-weight:600}
.done,.waiting,.act,.stopped{font-weight:600}
p.done,p.waiting,p.act,p.stopped{border-left:4px solid;padding:.6em 0 .6em 1em}
.done{color:var(--done)}.waiting{color:var(--waiting)}.act{color:var(--act)}
.stopped{color:var(--stopped)}
p.done,p.waiting,p.act,p.stopped{color:var(--ink)}
p.done{border-color:var(--done)}p.waiting{border-color:var(--waiting)}
p.act{border-color:var(--act)}p.stopped{border-color:var(--stopped)}
p.open{color:var(--act);border-left:2px dashed;padding-left:.8em}
p.quote{border-left:2px solid var(--quiet);padding-left:.8em;white-space:pre-line}
figure{margin:1.2em 0}figcaption{font-weight:600;font-size:.9rem;margin-bottom:.5em}
nav ol{padding-left:1.4em}a{color:#0b5561}
.wrap{overflow-x:auto;margin:1em 0}
table{border-collapse:collapse;font-size:.8125rem;line-height:1.4;min-width:100%}
caption{text-align:left;color:var(--quiet);padding-bottom:.3em}
th,td{padding:.3em .6em;text-align:left;vertical-align:top;border-bottom:1px solid var(--hair)}
thead th{border-bottom:1.5px solid var(--ink);vertical-align:bottom}
.number{text-align:right;font-variant-numeric:tabular-nums}
code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.92em;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(9rem,1fr) 2.4fr;margin:1em 0}
dt,dd{margin:0;padding:.3em 0;border-bottom:1px solid var(--hair)}dt{color:var(--quiet)}
dd span{display:block;color:var(--quiet);font-size:.875rem;overflow-wrap:anywhere}
dd{overflow-wrap:anywhere}img{max-width:100%;height:auto}
:target{background:#e6f0f1;outline:2px solid #0b5561}
@media print{body{max-width:none;padding:0}h2,h3{break-after:avoid}tr,img{break-inside:avoid}
nav{break-after:page}.wrap{overflow:visible}}
@page{size:A4;margin:18mm}
"""


def _joined(found: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((each,) for each in found))


def _id(name: str) -> SafeString:
    return format_html(' id="{}"', name) if name else mark_safe("")


def _cell(cell: Cell, head: Head) -> SafeString:
    name = f"number {cell.look}".strip() if head.number else cell.look
    look = format_html(' class="{}"', name) if name else ""
    text = format_html("<code>{}</code>", cell.text) if cell.code else cell.text
    value = (
        format_html(' data-value="{}"', repr(cell.value))
        if isinstance(cell.value, float | int) and cell.id
        else ""
    )
    return format_html("<td{}{}{}>{}</td>", _id(cell.id), look, value, text)


def _table(grid: Grid) -> SafeString:
    heads = format_html_join(
        "",
        '<th scope="col"{}>{}</th>',
        ((mark_safe(' class="number"') if h.number else "", h.label) for h in grid.heads),
    )
    anchors = grid.anchors or ("",) * len(grid.rows)
    rows = _joined(
        format_html(
            "<tr{}>{}</tr>\n",
            _id(anchor),
            _joined(_cell(cell, head) for cell, head in zip(row, grid.heads, strict=True)),
        )
        for anchor, row in zip(anchors, grid.rows, strict=True)
    )
    return format_html(
        '<div class="wrap" tabindex="0" role="region" aria-label="{}"><table{}>'
        "<caption>{}</caption><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table></div>\n",
        grid.caption, _id(grid.key), grid.caption, heads, rows,
    )  # fmt: skip


def _pairs(block: Pairs) -> SafeString:
    rows = format_html_join(
        "",
        "<dt>{}</dt><dd>{}{}</dd>",
        (
            (name, value, format_html("<span>{}</span>", note) if note else "")
            for name, value, note in block.rows
        ),
    )
    return format_html("<dl{}>{}</dl>\n", _id(block.key), rows)


def _chart(block: Chart) -> SafeString:
    # As an image, so that neither its style nor its ids meet those of the page.
    held = base64.b64encode(untitled(block.drawing)[0].encode()).decode()
    return format_html(
        '<figure{}><figcaption>{}</figcaption>'
        '<img alt="{}" src="data:image/svg+xml;base64,{}"></figure>\n',
        _id(block.key), block.drawing.title, block.drawing.title, held,
    )  # fmt: skip


def _block(block: Block) -> SafeString:
    if isinstance(block, Said):
        look = format_html(' class="{}"', block.look) if block.look else ""
        return format_html("<p{}{}>{}</p>\n", _id(block.id), look, block.text)
    if isinstance(block, Grid):
        return _table(block)
    return _pairs(block) if isinstance(block, Pairs) else _chart(block)


def _part(part: Part, level: int) -> SafeString:
    return format_html(
        "<section{}><{}>{}</{}>\n{}{}</section>\n",
        _id(part.key), mark_safe(f"h{level}"), part.title, mark_safe(f"h{level}"),  # noqa: S308
        _joined(_block(each) for each in part.blocks),
        _joined(_part(each, level + 1) for each in part.parts),
    )  # fmt: skip


def as_html(dossier: Dossier) -> str:
    """The dossier as a page: every part, table and number has the id that the JSON form names."""
    contents = format_html_join(
        "", '<li><a href="#{}">{}</a></li>', ((each.key, each.title) for each in dossier.parts)
    )
    return str(
        format_html(
            '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            "<title>{}</title><style>{}</style></head><body>\n"
            '<header><p class="note">{}</p><h1>{}</h1><p class="lead-line">{} · {}</p></header>\n'
            '<main>{}<nav aria-label="{}"><h2>{}</h2><ol>{}</ol></nav>\n{}</main></body></html>\n',
            dossier.language, dossier.title, mark_safe(STYLE),  # noqa: S308 - ours
            _("Dossier of an economic evaluation"), dossier.title, dossier.lead,
            formats.day(dossier.made_on), _part(dossier.parts[0], 2), _("Contents"), _("Contents"),
            contents, _joined(_part(each, 2) for each in dossier.parts[1:]),
        )
    )  # fmt: skip
