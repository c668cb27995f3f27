import type { z } from 'zod';
import type { Reply, TargetClient, TargetRequest } from '../../http';
import { cleaned, decode, seen } from '../text';
import { compare, wordsFor } from './compare';
import { envelope } from './shapes';

/** One thing in which a server's answers are not the contract's. */
export interface Difference {
  readonly route: string;
  /** Of the answer's JSON, or of the JSON in the text of a tool's answer; otherwise a part such as `HTTP status`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** A field that the contract does not have. */
export interface Extra {
  readonly route: string;
  readonly path: string;
}

export interface NotCompared {
  readonly route: string;
  readonly reason: string;
}

/** So many questions without an answer, one after the other, and the rest is not asked: each would take its whole wait. */
const PATIENCE = 3;

export const get = (path: string): TargetRequest => ({ method: 'GET', path, body: null });
export const post = (path: string, json: unknown): TargetRequest => ({
  method: 'POST',
  path,
  body: JSON.stringify(json),
});
const TOOL_PATH = '/mcp/tools/call';

/** Asks a server, compares its answers, and remembers all that was found. */
export class Comparison {
  readonly differences: Difference[] = [];
  readonly extras: Extra[] = [];
  readonly notCompared: NotCompared[] = [];
  /** Answers that were held against the contract. */
  compared = 0;
  private unanswered = 0;

  constructor(readonly client: TargetClient) {}

  /** An answer, whose status must be one of those given; null when there is none. */
  async ask(route: string, request: TargetRequest, statuses: readonly number[]): Promise<Reply | null> {
    const expected = statuses.join(' or ');
    if (this.unanswered >= PATIENCE) {
      this.skip(route, 'not asked: the server has stopped answering');
      return null;
    }
    const reply = await this.client.send(request);
    if ('problem' in reply) {
      this.unanswered++;
      this.differ(route, 'answer', `HTTP ${expected}`, reply.problem);
      return null;
    }
    this.unanswered = 0;
    this.compared++;
    if (!statuses.includes(reply.status)) this.differ(route, 'HTTP status', expected, seen(this.client, reply));
    return reply;
  }

  /** Compares the JSON of an answer; resolves to that JSON, undefined when there is none. */
  async json(route: string, request: TargetRequest, schema: z.ZodType, status = 200): Promise<unknown> {
    const reply = await this.ask(route, request, [status]);
    // An answer with another status has another shape: that it has one is said already.
    return reply === null || reply.status !== status ? undefined : this.shape(route, schema, reply.text);
  }

  /** Compares what a tool answers, and the JSON in its text with a shape; resolves to that JSON. */
  async tool(name: string, args: object, schema: z.ZodType | null, suffix = ''): Promise<unknown> {
    const route = toolRoute(name, suffix);
    const answer = await this.json(route, post(TOOL_PATH, { name, arguments: args }), envelope(false));
    const inner = textOf(answer);
    if (inner === null) return undefined;
    return schema === null ? decode(inner) : this.shape(route, schema, inner);
  }

  /** Compares the error that a tool answers with HTTP 200. */
  async toolError(name: string, args: object, error: string, suffix: string): Promise<void> {
    const route = toolRoute(name, suffix);
    const answer = await this.json(route, post(TOOL_PATH, { name, arguments: args }), envelope(true));
    const said = textOf(answer);
    if (said !== null && said !== error) this.differ(route, 'content[0].text', JSON.stringify(error), wordsFor(said));
  }

  /** Compares a JSON text with a shape; resolves to its value. */
  shape(route: string, schema: z.ZodType, json: string): unknown {
    const value = decode(json);
    if (value === undefined) {
      this.differ(route, 'body', 'JSON', wordsFor(json));
      return undefined;
    }
    this.value(route, schema, value);
    return value;
  }

  value(route: string, schema: z.ZodType, value: unknown): void {
    const { mismatches, extras } = compare(schema, value);
    for (const { path, expected, found } of mismatches)
      this.differ(route, path === '' ? 'body' : path, expected, found);
    for (const path of extras) this.extra(route, path);
  }

  differ(route: string, path: string, expected: string, found: string): void {
    this.differences.push({ route, path: cleaned(this.client, path), expected, found: cleaned(this.client, found) });
  }

  extra(route: string, path: string): void {
    this.extras.push({ route, path: cleaned(this.client, path) });
  }

  skip(route: string, reason: string): void {
    this.notCompared.push({ route, reason: cleaned(this.client, reason) });
  }
}

export const toolRoute = (name: string, suffix = ''): string =>
  `POST ${TOOL_PATH} ${name}${suffix === '' ? '' : `, ${suffix}`}`;

function textOf(answer: unknown): string | null {
  const content = (answer as { content?: unknown } | undefined)?.content;
  const text: unknown = Array.isArray(content) ? content[0]?.text : undefined;
  return typeof text === 'string' ? text : null;
}

/** A field of a JSON object that is a text; null when it is not. */
export function textAt(value: unknown, ...path: string[]): string | null {
  let here: unknown = value;
  for (const key of path) here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined;
  return typeof here === 'string' ? here : null;
}
