import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../scripts/errors';
import { findPods, gatherPods, unfinished } from '../../../scripts/k8s/pods';
import { temporaryFolder } from '../../support/cli';

const RUN = { id: 'fiml-load-x', segments: 11 };
const SUMMARY = JSON.stringify({ metrics: {}, state: { testRunDurationMs: 1 } });

let volume: string;
beforeEach(() => {
  volume = temporaryFolder('volume');
});
afterEach(() => rmSync(volume, { recursive: true, force: true }));

function pod(name: string, summary: string | null = SUMMARY): void {
  mkdirSync(join(volume, name));
  if (summary !== null) writeFileSync(join(volume, name, 'summary.json'), summary);
}

test("the first pod's folder is not the eleventh's, another run's, or the starter's", () => {
  for (const name of ['fiml-load-x-1-ab3de', 'fiml-load-x-11-zz9zz', 'fiml-load-xy-1-ab3de', 'fiml-load-x-starter-1ab'])
    pod(name);
  const pods = findPods(volume, RUN);
  expect(pods.get(1)).toEqual(['fiml-load-x-1-ab3de']);
  expect(pods.get(11)).toEqual(['fiml-load-x-11-zz9zz']);
  expect([...pods.values()].flat()).toHaveLength(2);
});

test('a pod is waited for until its end-of-test data can be read', () => {
  const run = { ...RUN, segments: 3 };
  pod('fiml-load-x-1-aaaaa');
  pod('fiml-load-x-2-bbbbb', SUMMARY.slice(0, 20));
  pod('fiml-load-x-3-ccccc', null);
  expect(unfinished(volume, findPods(volume, run))).toEqual([2, 3]);
  writeFileSync(join(volume, 'fiml-load-x-2-bbbbb', 'summary.json'), SUMMARY);
  expect(unfinished(volume, findPods(volume, run))).toEqual([3]);
});

test("all of a run's folders get into its own, and a pod that left nothing an empty one with its job's name", () => {
  const run = { ...RUN, segments: 3 };
  pod('fiml-load-x-1-aaaaa');
  pod('fiml-load-x-1-again');
  pod('fiml-load-x-3-ccccc', null);
  pod('fiml-load-other-1-aaaaa');
  const folder = gatherPods(volume, run);
  expect(folder).toBe(join(volume, 'fiml-load-x'));
  const gathered = ['fiml-load-x-1-aaaaa', 'fiml-load-x-1-again', 'fiml-load-x-2', 'fiml-load-x-3-ccccc'];
  expect(readdirSync(folder).sort()).toEqual(gathered);
  expect(readdirSync(volume).sort()).toEqual(['fiml-load-other-1-aaaaa', 'fiml-load-x']);
  expect(existsSync(join(folder, 'fiml-load-x-1-aaaaa', 'summary.json'))).toBe(true);
  gatherPods(volume, run);
  expect(readdirSync(folder).sort()).toEqual(gathered);
});

test('a volume that is not there is an error that names it', () => {
  expect(() => findPods(join(volume, 'none'), RUN)).toThrow(UserError);
  expect(() => findPods(join(volume, 'none'), RUN)).toThrow(/none: there is no such folder/);
});
