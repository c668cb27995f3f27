import http, { type RefinedParams, type RefinedResponse } from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import { classify, endsWithoutNarrative, type FimlRequest, type OperationName, type Outcome } from '../contract';
import { SLOW_MS } from '../thresholds';
import { targetHeaders } from './headers';
import type { Settings } from './settings';
import { recordSlow } from './slow';

/** What a request is for; every sample carries it as the tag `op`. */
export type Op = 'price' | 'analysis' | 'dsl' | 'poll' | 'probe' | 'session' | 'fill';
/** What is known about the cache before the question is asked. */
export type CacheTag = 'hot' | 'cold' | 'fill';

export interface Reply {
  readonly outcome: Outcome;
  /** Sending, waiting and receiving, ms. */
  readonly durationMs: number;
}

export interface Client {
  /** Sends one request, counts it and its failure. */
  send(request: FimlRequest, op: Op, cache?: CacheTag): Reply;
  /** Sends requests side by side, and counts each and its failure. */
  sendTogether(requests: readonly FimlRequest[], op: Op): void;
  /** Sends requests side by side and counts nothing: for setup, before anything is measured. */
  sendUncounted(requests: readonly FimlRequest[]): Outcome[];
}

/** One healthy-looking answer in this many is decoded in full, against damage that its decisive bytes hide. */
const DECODE_EVERY = 64;

const failed = new Rate('fiml_failed');
const failures = new Counter('fiml_failures');

/**
 * The FIML client of a virtual user; k6 init code.
 *
 * @param common tags of every sample, where a script talks to more than one server.
 */
export function fimlClient(settings: Settings, common: Readonly<Record<string, string>> = {}): Client {
  const { config, target } = settings;
  const headers = { 'Content-Type': 'application/json', ...targetHeaders(config) };

  // Built once per kind of request: objects made anew for each would be a tenth of a request's cost.
  const kinds: Record<string, { params: RefinedParams<'text'>; tags: Record<string, string> }> = {};
  const kindOf = (name: OperationName, op: Op, cache: CacheTag | undefined) => {
    const key = cache === undefined ? name + op : name + op + cache;
    let kind = kinds[key];
    if (kind === undefined) {
      const tags: Record<string, string> = { ...common, name, op, ...(cache === undefined ? {} : { cache }) };
      kind = { tags, params: { headers, tags, timeout: config.PERF_TIMEOUT } };
      kinds[key] = kind;
    }
    return kind;
  };

  // VUs start at different places of the cycle, so that a short run decodes its share too.
  let answers = __VU;
  let distrustBytes = false;

  const judge = (response: RefinedResponse<'text'>, request: FimlRequest, op: Op): Outcome => {
    answers += 1;
    // Of an analysis it is asked what its narrative says. Decoding an answer costs as much as sending its request.
    const decode =
      distrustBytes ||
      answers % DECODE_EVERY === 0 ||
      (op === 'analysis' && !endsWithoutNarrative(response.body ?? ''));
    const outcome = classify(response, request.expect, decode ? 'full' : 'bytes');
    // An answer that passes by its bytes and fails when decoded: this server's bytes prove nothing.
    if (!outcome.ok && decode && !distrustBytes) distrustBytes = classify(response, request.expect, 'bytes').ok;
    return outcome;
  };

  const count = (request: FimlRequest, durationMs: number, outcome: Outcome, tags: Record<string, string>) => {
    failed.add(!outcome.ok, tags);
    if (!outcome.ok) failures.add(1, { ...tags, layer: outcome.layer, reason: outcome.reason });
    if (durationMs > SLOW_MS) recordSlow(request, durationMs, outcome, tags);
  };
  const together = (requests: readonly FimlRequest[], op: Op, cache?: CacheTag) =>
    http.batch(
      requests.map((request) => ({
        method: request.method,
        url: target + request.path,
        body: request.body,
        params: kindOf(request.operation, op, cache).params,
      })),
    ) as RefinedResponse<'text'>[];

  return {
    send(request, op, cache) {
      const kind = kindOf(request.operation, op, cache);
      const response = http.request(request.method, target + request.path, request.body, kind.params);
      const outcome = judge(response, request, op);
      const durationMs = response.timings.duration;
      count(request, durationMs, outcome, kind.tags);
      return { outcome, durationMs };
    },
    sendTogether(requests, op) {
      const responses = together(requests, op);
      for (const [index, request] of requests.entries()) {
        const response = responses[index] as RefinedResponse<'text'>;
        const outcome = judge(response, request, op);
        count(request, response.timings.duration, outcome, kindOf(request.operation, op, undefined).tags);
      }
    },
    sendUncounted(requests) {
      const responses = together(requests, 'fill', 'fill');
      return requests.map((request, index) =>
        classify(responses[index] as RefinedResponse<'text'>, request.expect, 'full'),
      );
    },
  };
}
