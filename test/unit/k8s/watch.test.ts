import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../../config';
import { watchRun } from '../../../scripts/k8s/watch';
import { temporaryFolder } from '../../support/cli';
import { clusterRunWith } from './runs';

const { segments } = clusterRunWith();
const config = parseConfig({});

let volume: string;
beforeEach(() => {
  volume = temporaryFolder('watched');
});
afterEach(() => rmSync(volume, { recursive: true, force: true }));

/** A pod that has come to its end. */
function pod(ordinal: number): void {
  const folder = join(volume, `${segments.id}-${ordinal}-abcde`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'summary.json'), JSON.stringify({ metrics: {}, state: { testRunDurationMs: 1 } }));
}

test('what has not come in time is named, and waited for no longer', async () => {
  pod(2);
  const said: string[] = [];
  const watched = await watchRun(volume, segments, config, { waitMs: 1, say: (line) => said.push(line) });
  expect(said.slice(-2)).toEqual(
    [1, 3].map((n) => expect.stringMatching(`^${segments.id}-${n} has not ended in time`)),
  );
  expect(watched).toMatchObject({ before: null, after: null, generator: { samples: [] } });
});

test('pods that have all ended are not waited for', async () => {
  for (const ordinal of [1, 2, 3]) pod(ordinal);
  const said: string[] = [];
  await watchRun(volume, segments, config, { waitMs: 3_600_000, say: (line) => said.push(line) });
  expect(said).toEqual([]);
});
