import { judge } from '../../../scripts/judge';
import { flatteringChecks } from '../../../scripts/judge/flattering';
import { generatorCheck } from '../../../scripts/judge/generator';
import type { Check } from '../../../scripts/result/verdict';
import { given, type Plain } from '../../support/evidence';
import { every, evidenceOfMiddle, faultSigns, quietUsers, series } from '../../support/planted-fault';

/** `traffic` and all that run beside it, as the evidence plans them. */
const CEILING = 121;
const vus = (...points: readonly [number, number][]) => series('vus', {}, ...points);
const dropped = (...points: readonly [number, number][]) =>
  series('dropped_iterations', { scenario: 'traffic' }, ...points);

function checkOf(middle: 'fault' | 'spike', id: string, ...plains: readonly Plain[]): Check {
  const { run, result } = evidenceOfMiddle(middle, [
    ...quietUsers(middle),
    ...(middle === 'fault' ? faultSigns : []),
    ...plains,
  ]);
  return given(flatteringChecks(run, given(result)).find((check) => check.id === id));
}

describe.each(['fault', 'spike'] as const)('around a %s', (middle) => {
  test('iterations that were dropped in it and after it are what it is about', () => {
    const during = dropped(...every(0.1, 20, 35, 1), ...every(0.1, 35, 40, 1));
    expect(checkOf(middle, 'dropped-iterations', during)).toMatchObject({
      ok: true,
      detail: 'none in the before phase',
    });
  });

  test('iterations that were dropped before it are a flaw, and only those are counted', () => {
    const both = dropped(...every(0.2, 10, 12, 1), ...every(0.1, 20, 35, 1));
    expect(checkOf(middle, 'dropped-iterations', both)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^10 of 160 iterations of traffic in the before phase \(6\.3 %\) never began/),
    });
  });

  test('every virtual user may be busy in it and after it', () => {
    const busy = vus(...every(1, 0, 20, 9), ...every(1, 20, 40, CEILING), ...every(1, 40, 66, 9));
    expect(checkOf(middle, 'vu-ceiling', busy)).toMatchObject({
      ok: true,
      detail: `at most 9 of ${CEILING} busy at once in the before phase`,
    });
  });

  test('none may be missing before it', () => {
    const busy = vus(...every(1, 0, 10, 9), ...every(1, 10, 12, CEILING), ...every(1, 12, 66, 9));
    expect(checkOf(middle, 'vu-ceiling', busy)).toMatchObject({
      ok: false,
      detail: `all ${CEILING} were busy at once in the before phase: iterations had to wait for one`,
    });
  });

  test('a k6 that did not say how many were busy is a flaw here too', () => {
    expect(checkOf(middle, 'vu-ceiling')).toMatchObject({ ok: false });
  });
});

test('without a target that counts what was carried out a recovery can pass though a fault stopped every user', () => {
  const evidence = evidenceOfMiddle('fault', [
    ...quietUsers('fault'),
    ...faultSigns,
    dropped(...every(0.1, 20, 35, 1)),
    vus(...every(1, 0, 20, 9), ...every(1, 20, 35, CEILING), ...every(1, 35, 66, 9)),
  ]);
  const { targets } = judge(evidence);
  expect(targets.map(({ id, verdict }) => [id, verdict])).toEqual([['fault-recovery', 'PASS']]);
});

describe('a generator that had no CPU', () => {
  const starved = (fromS: number, toS: number): Check => {
    const { run, result } = evidenceOfMiddle('spike', quietUsers('spike'));
    const samples = run.generator.samples.map((sample, second) =>
      second >= fromS && second < toS ? { ...sample, waiting: 0.9 } : sample,
    );
    return generatorCheck({ ...run, generator: { ...run.generator, samples } }, result);
  };

  test('in the spike alone was the limit there, whatever rest it had before and after', () => {
    expect(starved(20, 35)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(
        /^k6 used or waited for 110 % of its CPU on average in the spike phase, more than 85 %/,
      ),
    });
  });

  test('for a few seconds of a phase only was not', () => {
    expect(starved(20, 24)).toMatchObject({ ok: true, detail: expect.stringContaining('in the phases before, spike') });
  });

  test('throughout is said of the whole', () => {
    expect(starved(0, 66).detail).toMatch(/110 % of its CPU on average in the phases before, spike and recovery/);
  });
});
