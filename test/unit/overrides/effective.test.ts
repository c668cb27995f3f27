import { withoutCredentials } from '../../../config';
import { effectiveOverrides, redacted, secretsOf, withoutHarmful } from '../../../scripts/overrides/effective';

const SECRETS = {
  PERF_TARGET: 'http://user:pa55word@127.0.0.1:8000',
  PERF_AUTHORIZATION: 'Bearer t0ken-of-mine',
  PERF_HEADERS: '{"X-Api-Key":"key-of-mine"}',
  PERF_PROXY: 'http://agent:pr0xypass@127.0.0.1:3128',
};
const WORDS = ['user', 'pa55word', 't0ken-of-mine', 'key-of-mine', 'agent', 'pr0xypass'];

test('the command line wins over the environment, the environment over the default', () => {
  const { config, options, env } = effectiveOverrides(
    { PERF_PROFILE: 'load', PERF_SEED: '3' },
    { PERF_PROFILE: 'high', PERF_DURATION: '30s' },
  );
  expect(config).toMatchObject({ PERF_PROFILE: 'high', PERF_SEED: 3, PERF_DURATION: 30_000, PERF_MODEL: 'open' });
  expect(options.PERF_PROFILE).toEqual({ value: 'high', source: 'command line' });
  expect(options.PERF_SEED).toEqual({ value: '3', source: 'environment' });
  expect(options.PERF_MODEL).toEqual({ value: 'open', source: 'default' });
  expect(options.PERF_RATE).toBeUndefined();
  expect(env.PERF_PROFILE).toBe('high');
});

test('what is kept of the overrides holds no secret', () => {
  const kept = JSON.stringify(effectiveOverrides(SECRETS, {}).options);
  for (const word of WORDS) expect(kept).not.toContain(word);
  expect(effectiveOverrides(SECRETS, {}).options.PERF_AUTHORIZATION?.value).toBe('set');
});

test('every secret is struck out of a text, also where a part of it stands alone', () => {
  const secrets = secretsOf(effectiveOverrides(SECRETS, {}).config);
  const text = Object.values(SECRETS).join(' ') + WORDS.join(' ');
  const clean = redacted(text, secrets);
  for (const word of WORDS) expect(clean).not.toContain(word);
});

test('an address loses its user and password and nothing else', () => {
  expect(withoutCredentials('http://user:pw@host:1/a')).toBe('http://host:1/a');
  expect(withoutCredentials('https://host/a@b')).toBe('https://host/a@b');
});

test('variables by which k6 would run something else are taken out and named', () => {
  const { env, removed } = withoutHarmful({ K6_VUS: '1', K6_TAGS: 'a=b', PATH: '/bin', K6_OUT: 'json=x' });
  expect(env).toEqual({ PATH: '/bin', K6_OUT: 'json=x' });
  expect(removed.sort()).toEqual(['K6_TAGS', 'K6_VUS']);
});
