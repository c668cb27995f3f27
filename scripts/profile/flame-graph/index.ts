import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../root';

/** A function on a stack, with all that it called. */
export interface FlameNode {
  readonly name: string;
  /** File and line, or whatever else tells it from another of its name; empty where nothing does. */
  readonly where: string;
  /** With everything that it called, in the graph's unit. */
  readonly value: number;
  /** How much of that is more than in the profile that it is compared with; only in differential graphs. */
  readonly delta?: number;
  readonly children: readonly FlameNode[];
}

export interface FlameGraph {
  /** What its widths and colours mean. */
  readonly caption: string;
  /** Of values: `ms`, `samples`. */
  readonly unit: string;
  readonly isDifferential: boolean;
  readonly root: FlameNode;
}

/** What a document needs to show a flame graph: it is drawn by the browser, which also searches and zooms in it. */
export interface FlameGraphParts {
  /** Well-formed XHTML, so that it can stand in a page and in an SVG file. */
  readonly markup: string;
  readonly style: string;
  /** To be run after the markup is there. */
  readonly script: string;
}

export const flameGraphParts = (graph: FlameGraph): FlameGraphParts => ({
  markup: `<div class="flame-graph">
<p><label>Search <input type="search" /></label> <button type="button">Whole graph</button> <output></output></p>
<div class="chart"></div>
<script type="application/json">${inMarkup(graph)}</script>
</div>`,
  style: readFileSync(join(root, 'scripts', 'profile', 'flame-graph', 'style.css'), 'utf8'),
  script: readFileSync(join(root, 'dist', 'flame-graph.js'), 'utf8'),
});

/** JSON that neither HTML nor XML takes for markup: names come from the profiled program. */
const inMarkup = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&]|[^\t\n\r -\ud7ff\ue000-\ufffd]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });

/** A flame graph as a file that a browser opens by itself. */
export function flameGraphSvg(title: string, graph: FlameGraph): string {
  const { markup, style, script } = flameGraphParts(graph);
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%">
<title>${inText(title)}</title>
<style>${cdata(style)}</style>
<text x="16" y="32">A browser draws this flame graph: open this file in one.</text>
<foreignObject width="100%" height="100%">
<div xmlns="http://www.w3.org/1999/xhtml" class="flame-graph-file">
<h1>${inText(title)}</h1>
<p>${inText(graph.caption)}</p>
${markup}
</div>
</foreignObject>
<script>${cdata(script)}</script>
</svg>
`;
}

const inText = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
