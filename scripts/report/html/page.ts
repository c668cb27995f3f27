import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { root } from '../../root';
import { shortened } from '../../text/shortened';
import { colorCss } from './colors';

const FOLDER = join(root, 'scripts', 'report', 'html');
const PARTIALS = ['figure', 'figures', 'lines', 'rows'] as const;
/** Names and messages come from servers and foreign scripts, and may be of any length: the page may not. */
const LONGEST_TEXT = 600;

/** What stands on top of every page: whoever reads nothing else knows what happened, and why. */
export interface Head {
  /** Of the browser's window. */
  readonly title: string;
  readonly verdict: string;
  /** What the word means, for somebody who has never seen it. */
  readonly meaning: string;
  readonly headline: string;
  /** What else a stranger must know to understand it, a sentence each. */
  readonly story: readonly string[];
  /** What was measured, where and when. */
  readonly about: readonly string[];
  readonly reasonsTitle: string;
  readonly reasons: readonly string[];
  readonly moreReasons: readonly string[];
  /** The first thing to do; empty where there is none. */
  readonly next: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

const MOST_REASONS = 6;

/** The worst reasons for the first screen, and the rest for whoever asks. */
export const splitReasons = (reasons: readonly string[]): Pick<Head, 'reasons' | 'moreReasons'> => ({
  reasons: reasons.slice(0, MOST_REASONS),
  moreReasons: reasons.slice(MOST_REASONS),
});

/** The one script that a page may have: the browser runs no other, whatever a name from outside smuggles in. */
export interface PageScript {
  readonly code: string;
  /** Of what it draws. */
  readonly style: string;
}

/**
 * A page that is one file: its style within it, nothing that is fetched, and nothing that runs but for the given script.
 *
 * @param body name of the template of what stands below the head.
 * @param data what the templates show; every text is made printable, and cut where it is longer than anybody reads.
 */
export function page(body: Body, head: Head, data: object, script: PageScript | null = null): string {
  const style = `${colorCss()}${readFileSync(join(FOLDER, 'style.css'), 'utf8')}${script?.style ?? ''}`;
  return pageTemplate(body)({
    ...safe({ ...data, ...head }),
    style,
    script: script === null ? null : { code: script.code, hash: sha256(script.code) },
    tone: toneOf(head.verdict),
  });
}

type Body = 'run' | 'comparison' | 'suite' | 'profile';

const compiled = new Map<Body, Handlebars.TemplateDelegate>();

/** Compiled once: that takes longer than to fill it, and a full suite has a page for each of its parts. */
function pageTemplate(body: Body): Handlebars.TemplateDelegate {
  const known = compiled.get(body);
  if (known !== undefined) return known;
  const handlebars = Handlebars.create();
  for (const name of [...PARTIALS, body]) {
    handlebars.registerPartial(name === body ? 'body' : name, handlebars.compile(template(name), { strict: true }));
  }
  const made = handlebars.compile(template('page'), { strict: true });
  compiled.set(body, made);
  return made;
}

/** As a content security policy names a script. */
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

const template = (name: string): string => readFileSync(join(FOLDER, `${name}.hbs`), 'utf8');

/** What a drawing is made of is no text, and may be as long as it is. */
const DRAWN = 'body';

/** A figure stays on one line with its unit. */
const withUnits = (text: string): string =>
  text.replace(/(?<=\d) (?=[%×]|\/s|(?:ms|s|min|h|KB|MB|GB|points)(?!\w))/g, '\u00a0');

function safe<T>(value: T): T {
  if (typeof value === 'string') return withUnits(shortened(value, LONGEST_TEXT)) as T;
  if (Array.isArray(value)) return value.map(safe) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, key === DRAWN ? part : safe(part)])) as T;
}

/** By which a verdict's word is coloured; the word itself is what says it. */
export function toneOf(verdict: string): 'good' | 'bad' | 'unknown' | 'neutral' {
  switch (verdict) {
    case 'PASS':
    case 'IMPROVED':
    case 'NO CHANGE':
    case 'better':
      return 'good';
    case 'FAIL':
    case 'REGRESSED':
    case 'worse':
      return 'bad';
    case 'INVALID':
      return 'unknown';
    default:
      return 'neutral';
  }
}
