import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { root } from '../root';
import { markdownDeep } from './escape';
import type { ReportView } from './view';

/** `report.md`: the guide's chapters. */
export function markdownText(view: ReportView, reproduction: readonly string[]): string {
  compiled ??= compile();
  return compiled({ ...markdownDeep(view), reproduction: reproduction.join('\n') });
}

/** Compiled when the first report is written: it takes longer than to fill it in, and a full suite writes twenty. */
let compiled: Handlebars.TemplateDelegate | undefined;

function compile(): Handlebars.TemplateDelegate {
  const template = readFileSync(join(root, 'scripts', 'report', 'report.md.hbs'), 'utf8');
  // Handlebars would escape for HTML; the texts are made safe for Markdown before they get here.
  return Handlebars.compile(template, { noEscape: true, strict: true });
}
