import http, { type RefinedParams, type RefinedResponse } from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import { classify, type FimlRequest, type OperationName, type Outcome } from '../contract';
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
  /** To look at what of it is needed only where it is: k6 puts its times together at the first look, which takes it 10 µs. */
  readonly response: RefinedResponse<'text'>;
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

const { add: addFailed } = new Rate('fiml_failed');
const { add: addFailure } = new Counter('fiml_failures');

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

  const judge = (response: RefinedResponse<'text'>, request: FimlRequest): Outcome => {
    answers += 1;
    // Decoding an answer costs as much as sending its request.
    const decode = distrustBytes || answers % DECODE_EVERY === 0;
    const outcome = classify(response, request, decode ? 'full' : 'bytes');
    // An answer that passes by its bytes and fails when decoded: this server's bytes prove nothing.
    if (!outcome.ok && decode && !distrustBytes) distrustBytes = classify(response, request, 'bytes').ok;
    return outcome;
  };

  const count = (
    { outcome, response }: Reply,
    request: FimlRequest,
    sentAtMs: number,
    tags: Readonly<Record<string, string>>,
  ) => {
    addFailed(!outcome.ok, tags);
    if (!outcome.ok) addFailure(1, { ...tags, layer: outcome.layer, reason: outcome.reason });
    // What k6 measured of a request is no longer than what has passed since it was sent.
    if (Date.now() - sentAtMs < SLOW_MS) return;
    const durationMs = response.timings.duration;
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
      const { params, tags } = kindOf(request.operation, op, cache);
      const sentAtMs = Date.now();
      const response = http.request(request.method, target + request.path, request.body, params);
      const reply = { outcome: judge(response, request), response };
      count(reply, request, sentAtMs, tags);
      return reply;
    },
    sendTogether(requests, op) {
      const sentAtMs = Date.now();
      const responses = together(requests, op);
      for (const [index, request] of requests.entries()) {
        const response = responses[index] as RefinedResponse<'text'>;
        const { tags } = kindOf(request.operation, op, undefined);
        count({ outcome: judge(response, request), response }, request, sentAtMs, tags);
      }
    },
    sendUncounted(requests) {
      const responses = together(requests, 'fill', 'fill');
      return requests.map((request, index) => classify(responses[index] as RefinedResponse<'text'>, request, 'full'));
    },
  };
}
