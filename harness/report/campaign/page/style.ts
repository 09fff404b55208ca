/** The page’s style. No fonts, pictures or scripts: it looks the same from a disk, an archive and a web server. */
import { FAINT, INK, LINE } from './colours';
import { Html } from './html';

export const STYLE = new Html(`
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f7fa; color: ${INK}; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 0 0 4px; }
p { margin: 0 0 12px; max-width: 80ch; }
.lead { color: ${FAINT}; }
.lead b { color: ${INK}; font-weight: 600; }
section, .tile { background: #fff; border: 1px solid ${LINE}; border-radius: 10px; }
section { padding: 20px 24px; margin-top: 20px; overflow-x: auto; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 14px; margin-top: 20px; }
.tile { padding: 14px 18px 12px; border-top: 4px solid var(--colour, ${LINE}); }
.tile .name { color: ${FAINT}; font-size: 13px; }
.tile .value { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; }
.tile .more { font-size: 13px; color: ${FAINT}; }
.warning { border-left: 5px solid #c8401a; background: #fff6f2; }
svg { display: block; width: 100%; height: auto; margin-top: 8px; }
table { border-collapse: collapse; width: 100%; margin-top: 12px; font-size: 14px; }
th { text-align: left; color: ${FAINT}; font-weight: 600; font-size: 12.5px; border-bottom: 2px solid ${LINE}; }
th, td { padding: 6px 14px 6px 0; vertical-align: top; }
td { border-bottom: 1px solid ${LINE}; }
tr:last-child td { border-bottom: 0; }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.means { color: ${FAINT}; font-size: 13px; max-width: 46ch; }
tr.zero td { color: #9aa4b2; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 8px; background: var(--colour); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; color: ${FAINT}; font-size: 13px; margin-top: 4px; }
.badge { display: inline-block; border-radius: 5px; padding: 1px 8px; font-size: 12.5px; font-weight: 600; color: #fff; background: var(--colour); white-space: nowrap; }
article { border-top: 1px solid ${LINE}; padding: 14px 0 12px; }
article:first-of-type { border-top: 0; }
article h3 { font-size: 15.5px; margin: 0 0 4px; display: flex; gap: 10px; align-items: baseline; }
article h3 .size { margin-left: auto; font-weight: 400; color: ${FAINT}; font-size: 13.5px; white-space: nowrap; }
article p { margin: 0 0 6px; }
code { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { margin: 6px 0 0; padding: 8px 12px; background: #f1f4f8; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { user-select: all; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 22px; margin: 12px 0 0; }
dt { color: ${FAINT}; }
dd { margin: 0; overflow-wrap: anywhere; }
details summary { cursor: pointer; color: ${FAINT}; margin-top: 10px; font-size: 13.5px; }
footer { color: ${FAINT}; font-size: 13px; margin-top: 24px; }
@media print { body { background: #fff; } main { padding: 0; max-width: none; } section, .tile { break-inside: avoid; } details { display: none; } }
`);
