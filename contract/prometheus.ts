/** One figure of a Prometheus page. */
export interface PageSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Finite. */
  readonly value: number;
}

/** Samples of a FIML server's page that really move, by what they count; the cache's latency is a histogram's base name. */
export const SERVER_SAMPLES = {
  hits: 'fiml_cache_hits_total',
  misses: 'fiml_cache_misses_total',
  cacheLatency: 'fiml_cache_latency_seconds',
  rss: 'process_resident_memory_bytes',
  cpu: 'process_cpu_seconds_total',
  start: 'process_start_time_seconds',
} as const;

/** The figures of a page in Prometheus' text form, in its order. What is no figure is passed over, whatever it is. */
export function pageSamples(page: string): PageSample[] {
  // Made here: the first regular expression that a virtual user makes costs it 18 KB, and one of all reads pages.
  const form = /^([a-zA-Z_:][\w:]*)(?:\{([\s\S]*)\})? +(\S+)(?: +-?\d+)?\r?$/;
  const samples: PageSample[] = [];
  for (const line of page.split('\n')) {
    const [, name, labels = '', text] = form.exec(line) ?? [];
    const value = Number(text);
    if (name !== undefined && Number.isFinite(value)) samples.push({ name, labels: labelsIn(labels), value });
  }
  return samples;
}

function labelsIn(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  if (text === '') return labels;
  for (const [, name = '', value = ''] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\[\s\S])*)"/g)) {
    labels[name] = value.replace(/\\([\s\S])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

/** The upper bound of a histogram's bucket, in the metric's unit; Infinity for the last, NaN for what is no bucket. */
export const boundOf = ({ labels: { le } }: PageSample): number =>
  le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le === '' ? undefined : le);
