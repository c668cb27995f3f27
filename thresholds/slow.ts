/** Requests that take longer than this are what the guide calls slow, ms. */
export const SLOW_MS = 1000;

/** The Trend in which a script says of each slow request what nothing else tells: its subject, and the layer it failed in. */
export const SLOW_METRIC = 'fiml_slow';
/**
 * Metadata of such a sample: what the request asked for, percent-encoded, since k6's CSV escapes nothing of it. No tag: each
 * value of one would be a series of its own, in k6 and in whatever its samples are sent to.
 */
export const SLOW_SUBJECT = 'subject';
