import { inLanes } from '../../support/lanes';

/** Jobs that end when they are told to, and what has begun of them so far. */
function jobs(...names: readonly string[]) {
  const begun: string[] = [];
  const end = new Map<string, () => void>();
  const all = names.map((name) => {
    const job = () => {
      begun.push(name);
      return new Promise<string>((resolve) => end.set(name, () => resolve(`${name} is done`)));
    };
    return [name, job] as const;
  });
  return { all: Object.fromEntries(all), begun, finish: (name: string) => end.get(name)?.() };
}

test('as many are done at a time as there are lanes, in their order', async () => {
  const { all, begun, finish } = jobs('a', 'b', 'c', 'd');
  const lanes = inLanes(2, all);
  expect(begun).toEqual(['a', 'b']);
  finish('b');
  expect(await lanes.outcomeOf('b')).toBe('b is done');
  expect(begun).toEqual(['a', 'b', 'c']);
});

test('one that is waited for is the next to begin', async () => {
  const { all, begun, finish } = jobs('a', 'b', 'c', 'd');
  const lanes = inLanes(1, all);
  void lanes.outcomeOf('d');
  finish('a');
  await lanes.outcomeOf('a');
  expect(begun).toEqual(['a', 'd']);
});

test('when it is stopped no other begins, and those under way end', async () => {
  const { all, begun, finish } = jobs('a', 'b', 'c');
  const lanes = inLanes(1, all);
  let stopped = false;
  const stop = lanes.stop().then(() => {
    stopped = true;
  });
  await new Promise(setImmediate);
  expect(stopped).toBe(false);
  finish('a');
  await stop;
  expect(begun).toEqual(['a']);
});

test('a failure is thrown where it is waited for, and what is not there is told', async () => {
  const lanes = inLanes(1, { a: () => Promise.reject(new Error('it broke')), b: async () => 'fine' });
  expect(await lanes.outcomeOf('b')).toBe('fine');
  await expect(lanes.outcomeOf('a')).rejects.toThrow('it broke');
  await expect(lanes.outcomeOf('c')).rejects.toThrow('no run c');
});
