import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { diffFindings } from '../../../scripts/profile/diff';
import { changes } from '../../../scripts/profile/stacks/change';
import { packageOf } from '../../../scripts/profile/stacks/package';
import { type Frame, type Profile, profileBuilder, totalWeight } from '../../../scripts/profile/stacks/profile';
import { readSpeedscope, toSpeedscope } from '../../../scripts/profile/stacks/speedscope';
import { functionTotals, packageTotals } from '../../../scripts/profile/stacks/totals';
import { differentialTree, flameTree } from '../../../scripts/profile/stacks/tree';
import { temporaryFolder } from '../../support/cli';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder('stacks');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const frame = (name: string, file = 'app.py', line: number | null = 1): Frame => ({ name, file, line });

/** Stacks as words, the outermost first, with their weights. */
function profileOf(stacks: Readonly<Record<string, number>>): Profile {
  const builder = profileBuilder();
  for (const [words, weight] of Object.entries(stacks)) {
    builder.add(
      words.split(' ').map((word) => frame(word)),
      weight,
    );
  }
  return builder.profile();
}

const samples = fc.array(
  fc.tuple(
    fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 1, max: 50 }),
  ),
  { minLength: 1, maxLength: 40 },
);

const built = (stacks: readonly (readonly [readonly string[], number])[]): Profile => {
  const builder = profileBuilder();
  for (const [names, weight] of stacks)
    builder.add(
      names.map((name) => frame(name)),
      weight,
    );
  return builder.profile();
};

function written(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

describe('speedscope', () => {
  test('what is written is read as it was', () => {
    fc.assert(
      fc.property(samples, (stacks) => {
        const profile = built(stacks);
        expect(readSpeedscope(written('round.json', toSpeedscope('x', profile)))).toEqual(profile);
      }),
      { numRuns: 50 },
    );
  });

  test('of a file of py-spy each sample counts, in any unit and from any thread', () => {
    const thread = { type: 'sampled', unit: 'seconds', startValue: 0, endValue: 1 };
    const path = written('py-spy.json', {
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      exporter: 'py-spy@0.4.1',
      shared: { frames: [{ name: 'main', file: 'app.py', line: 1, col: null }, { name: 'hot' }] },
      profiles: [
        { ...thread, name: 'Thread 1', samples: [[0, 1], [0, 1], [0]], weights: [0.01, 0.01, 0.01] },
        { ...thread, name: 'Thread 2', samples: [[0, 1]], weights: [0.01] },
      ],
    });
    const profile = readSpeedscope(path);
    expect(profile.samples).toBe(4);
    expect(totalWeight(profile)).toBeCloseTo(40);
    expect(functionTotals(profile).find(({ name }) => name === 'hot')).toMatchObject({ where: '', self: 0.75 });
  });

  test.each([
    ['an evented profile', { profiles: [{ type: 'evented', name: 'x', unit: 'seconds', events: [] }] }, /profiles\.0/],
    ['a frame that is not there', { profiles: [sampled([[7]], [1])] }, /sample 0 .* damaged/],
    ['a weight that is missing', { profiles: [sampled([[0], [0]], [1])] }, /sample 1 .* damaged/],
  ])('%s is refused', (_, part, message) => {
    const value = {
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      shared: { frames: [{ name: 'main' }] },
      ...part,
    };
    expect(() => readSpeedscope(written('bad.json', value))).toThrow(message);
  });
});

function sampled(stacks: number[][], weights: number[]) {
  return { type: 'sampled', name: 'x', unit: 'seconds', startValue: 0, endValue: 1, samples: stacks, weights };
}

describe('totals', () => {
  test('own time is that of the innermost function; what calls itself takes its time once', () => {
    const totals = functionTotals(profileOf({ 'main work work': 60, 'main work': 20, main: 20 }));
    const byName = Object.fromEntries(totals.map(({ name, self, total }) => [name, [self, total]]));
    expect(byName).toEqual({ main: [0.2, 1], work: [0.8, 0.8] });
  });

  test('own times are all the time there is, and none is more than its total', () => {
    fc.assert(
      fc.property(samples, (stacks) => {
        for (const totals of [functionTotals(built(stacks)), packageTotals(built(stacks))]) {
          expect(totals.reduce((sum, { self }) => sum + self, 0)).toBeCloseTo(1);
          for (const { self, total } of totals) expect(total).toBeGreaterThanOrEqual(self);
        }
      }),
    );
  });

  test('nothing seen has no totals', () => {
    expect(functionTotals(profileBuilder().profile())).toEqual([]);
  });
});

test.each([
  ['/venv/lib/python3.11/site-packages/fastapi/routing.py', 'get', 'fastapi'],
  ['/usr/lib/python3/dist-packages/six.py', 'wraps', 'six'],
  ['/usr/lib/python3.11/asyncio/base_events.py', 'run_once', 'python'],
  ['<frozen importlib._bootstrap>', '_find', 'python'],
  ['/srv/fiml/cache/manager.py', 'get', 'own code'],
  ['/srv/node_modules/a/node_modules/@scope/b/index.js', 'f', '@scope/b'],
  ['node:internal/streams/readable', 'read', 'node'],
  ['/usr/lib/x86_64-linux-gnu/libc.so.6', 'write', 'libc.so'],
  ['[kernel]', 'tcp_sendmsg', 'kernel'],
  ['', '(garbage collector)', 'runtime (garbage collector)'],
  ['', 'writev', 'runtime'],
])('%s %s belongs to %s', (file, name, expected) => {
  expect(packageOf(file, name)).toBe(expected);
});

describe('a tree', () => {
  test('is drawn of a recursion without end as well, with all of its time', () => {
    const recursion = profileOf({ [Array(20_000).fill('again').join(' ')]: 70, other: 30 });
    for (const tree of [flameTree(recursion), differentialTree(recursion, recursion, 1)]) {
      expect(() => JSON.parse(JSON.stringify(tree))).not.toThrow();
      expect(tree).toMatchObject({ value: 100, children: [{ name: 'again', value: 70 }, { name: 'other' }] });
    }
  });

  test('has all the time at its root, and what was called above its caller', () => {
    expect(flameTree(profileOf({ 'main a': 30, 'main b': 50, main: 20 }))).toMatchObject({
      name: 'all',
      value: 100,
      children: [
        {
          name: 'main',
          value: 100,
          children: [
            { name: 'a', value: 30, children: [] },
            { name: 'b', value: 50, children: [] },
          ],
        },
      ],
    });
  });

  test('of two profiles that differ in length alone shows no difference', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 2, max: 9 }), (stacks, times) => {
        const short = built(stacks);
        const long = built(stacks.map(([names, weight]) => [names, weight * times]));
        const deltas = deltasOf(differentialTree(short, long, totalWeight(long) / totalWeight(short)));
        expect(Math.max(...deltas.map(Math.abs))).toBeCloseTo(0);
      }),
    );
  });

  test('of two profiles tells what takes more and what takes less of the time', () => {
    const root = differentialTree(
      profileOf({ 'main a': 50, 'main b': 50 }),
      profileOf({ 'main a': 25, 'main b': 75 }),
      1,
    );
    expect(root.children[0]?.children).toMatchObject([
      { name: 'a', delta: -25 },
      { name: 'b', delta: 25 },
    ]);
  });
});

interface Changed {
  readonly delta?: number;
  readonly children: readonly Changed[];
}

const deltasOf = ({ delta = Number.NaN, children }: Changed): number[] => [delta, ...children.flatMap(deltasOf)];

describe('changes', () => {
  const side = (profile: Profile, count: number) => ({ totals: functionTotals(profile), samples: count });
  const even = profileOf({ a: 50, b: 50 });
  const shifted = profileOf({ a: 40, b: 60 });

  test('are told with what chance alone would make of so few samples', () => {
    const [few] = changes(side(even, 50), side(shifted, 50), 'self');
    const [many] = changes(side(even, 5000), side(shifted, 5000), 'self');
    expect(Math.abs(few?.change ?? 0)).toBeCloseTo(0.1);
    expect(few?.chance).toBeCloseTo(0.3, 1);
    expect(many?.chance).toBeCloseTo(0.03, 2);
  });

  test('are headed by what takes more, of which the rest is a consequence', () => {
    const file = (name: string, stacks: Readonly<Record<string, number>>): string => {
      const path = join(folder, `${name}.speedscope.json`);
      writeFileSync(path, JSON.stringify(toSpeedscope(name, { ...profileOf(stacks), samples: 1000 })));
      return path;
    };
    const earlier = file('earlier', { hot: 80, warm: 20 });
    const later = file('later', { hot: 30, new: 45, warm: 25 });
    expect(diffFindings(earlier, later).headline).toBe('new itself takes 45.0 % of the time, and took 0.0 %');
    const gone = file('gone', { hot: 80, warm: 10, cold: 5, cool: 5 });
    expect(diffFindings(gone, gone).headline).toMatch(/^no function takes more or less/);
  });

  test('follow a function to another line of its file, and not to another file', () => {
    const at = (file: string, line: number) => {
      const builder = profileBuilder();
      builder.add([frame('f', file, line)], 10);
      return side(builder.profile(), 100);
    };
    expect(changes(at('a.py', 3), at('a.py', 30), 'self')).toMatchObject([{ change: 0, where: 'a.py' }]);
    expect(changes(at('a.py', 3), at('b.py', 3), 'self')).toHaveLength(2);
  });
});
