import { z } from 'zod';
import { pageSamples } from '../../contract';
import { decode, seen } from '../doctor';
import type { TargetClient } from '../http';
import { type Page, pageOf, READ } from './page';
import { UNMEASURED, unmeasuredOn } from './unmeasured';

/** One look at a server's own metrics; what `--json` writes, a line each. */
export interface Look extends Page {
  readonly schema: 'fiml-perf/metrics';
  readonly version: 1;
  readonly url: string;
  readonly atMs: number;
  /** Share of each provider's calls that succeed, 0 to 1: of what the server says of them all that moves. Null: not told. */
  readonly providers: readonly { readonly name: string; readonly successShare: number }[] | null;
  readonly unmeasured: ReturnType<typeof unmeasuredOn>;
}

const NAMES = [...READ, ...UNMEASURED.flatMap(({ samples }) => samples)];
const PATH = `/metrics/?${NAMES.map((name) => `name%5B%5D=${name}`).join('&')}`;

const providersSchema = z.object({ providers: z.record(z.string(), z.object({ success_rate: z.number() })) });

/** Looks once. @returns why not, in words, when the server cannot be looked at. */
export async function look(client: TargetClient): Promise<Look | { readonly problem: string }> {
  const [page, health] = [await client.get(PATH), await client.get('/health/providers')];
  if ('problem' in page) return page;
  const samples = page.status === 200 ? pageSamples(page.text) : [];
  const read = pageOf(samples);
  if (read === null) return { problem: `GET /metrics/ is no page of a FIML server's metrics: ${seen(client, page)}` };
  const told = 'problem' in health ? null : (providersSchema.safeParse(decode(health.text)).data ?? null);
  return {
    schema: 'fiml-perf/metrics',
    version: 1,
    url: client.url,
    atMs: Date.now(),
    ...read,
    providers:
      told === null
        ? null
        : Object.entries(told.providers).map(([name, { success_rate }]) => ({ name, successShare: success_rate })),
    unmeasured: unmeasuredOn(samples),
  };
}
