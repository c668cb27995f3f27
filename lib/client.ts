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

type Tags = Record<string, string>;

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
  const kinds: Record<string, Tags> = {};
  const tagsOf = (name: OperationName, op: Op, cache: CacheTag | undefined): Tags => {
    const kind = cache === undefined ? name + op : name + op + cache;
    let tags = kinds[kind];
    if (tags === undefined) {
      tags = { ...common, name, op, ...(cache === undefined ? {} : { cache }) };
      kinds[kind] = tags;
    }
    return tags;
  };
  // One for all requests that go out one by one: k6 has read it by the time it sends.
  const params: RefinedParams<'text'> = { headers, timeout: config.PERF_TIMEOUT };

  // VUs start at different places of the cycle, so that a short run decodes its share too.
  let answers = __VU;
  let distrustBytes = false;

  /** Judges an answer, and counts it. One function for both: each call costs a virtual user a microsecond and more. */
  const counted = (response: RefinedResponse<'text'>, request: FimlRequest, sentAtMs: number, tags: Tags): Outcome => {
    answers += 1;
    // Decoding an answer costs as much as sending its request.
    const decode = distrustBytes || answers % DECODE_EVERY === 0;
    const outcome = classify(response, request, decode ? 'full' : 'bytes');
    // An answer that passes by its bytes and fails when decoded: this server's bytes prove nothing.
    if (!outcome.ok && decode && !distrustBytes) distrustBytes = classify(response, request, 'bytes').ok;
    addFailed(!outcome.ok, tags);
    if (!outcome.ok) addFailure(1, { ...tags, layer: outcome.layer, reason: outcome.reason });
    // What k6 measured of a request is no longer than what has passed since it was sent.
    if (Date.now() - sentAtMs >= SLOW_MS) {
      const durationMs = response.timings.duration;
      if (durationMs > SLOW_MS) recordSlow(request, durationMs, outcome, tags);
    }
    return outcome;
  };
  const together = (requests: readonly FimlRequest[], op: Op, cache?: CacheTag) =>
    http.batch(
      requests.map((request) => ({
        method: request.method,
        url: target + request.path,
        body: request.body,
        params: { ...params, tags: tagsOf(request.operation, op, cache) },
      })),
    ) as RefinedResponse<'text'>[];

  return {
    send(request, op, cache) {
      const tags = tagsOf(request.operation, op, cache);
      params.tags = tags;
      const sentAtMs = Date.now();
      const response = http.request(request.method, target + request.path, request.body, params);
      return { outcome: counted(response, request, sentAtMs, tags), response };
    },
    sendTogether(requests, op) {
      const sentAtMs = Date.now();
      const responses = together(requests, op);
      requests.forEach((request, index) => {
        const tags = tagsOf(request.operation, op, undefined);
        counted(responses[index] as RefinedResponse<'text'>, request, sentAtMs, tags);
      });
    },
    sendUncounted(requests) {
      const responses = together(requests, 'fill', 'fill');
      return requests.map((request, index) => classify(responses[index] as RefinedResponse<'text'>, request, 'full'));
    },
  };
}
