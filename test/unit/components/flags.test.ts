import { readFlags } from '../../../scripts/components/command';
import { UserError } from '../../../scripts/errors';

const REDIS = 'redis://me:opensesame@localhost:6379/0';
const POSTGRES = 'postgres://me:opensesame@localhost:5432/fiml';

const read = (flags: Partial<Parameters<typeof readFlags>[0]>, env: NodeJS.ProcessEnv = {}) =>
  readFlags({ rounds: '500', ...flags }, env);

function problemsOf(flags: Partial<Parameters<typeof readFlags>[0]>, env: NodeJS.ProcessEnv = {}): string[] {
  try {
    read(flags, env);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message.split('\n');
  }
}

test('addresses are those of the options, or else of the environment', () => {
  const env = { REDIS_URL: REDIS, DATABASE_URL: POSTGRES };
  expect(read({}, env)).toEqual({ urls: { l1: REDIS, l2: POSTGRES }, only: null, rounds: 500 });
  expect(read({ redis: 'rediss://other', rounds: '7' }, env)).toMatchObject({
    urls: { l1: 'rediss://other', l2: POSTGRES },
    rounds: 7,
  });
  expect(read({ redis: REDIS }).urls).toEqual({ l1: REDIS, l2: null });
  expect(read({ postgres: 'postgresql://host' }, { REDIS_URL: '' }).urls).toEqual({
    l1: null,
    l2: 'postgresql://host',
  });
});

test('one component alone may be asked for', () => {
  expect(read({ redis: REDIS, postgres: POSTGRES, only: ' l2 ,l1' }).only).toEqual(['l1', 'l2']);
  expect(read({ redis: REDIS, only: 'l1' }).only).toEqual(['l1']);
});

test.each<[string, Partial<Parameters<typeof readFlags>[0]>, NodeJS.ProcessEnv, RegExp]>([
  ['no address', {}, {}, /^give the address of one store at least: by --redis or REDIS_URL for l1, by --postgres/],
  ['no address for what is asked for', { redis: REDIS, only: 'l2' }, {}, /^give the address of l2: /],
  ['one address for two', { redis: REDIS, only: 'l1,l2' }, {}, /^give the address of l1 and l2: /],
  ['another protocol', { redis: 'http://me:opensesame@host' }, {}, /^--redis is not an address such as redis:\/\/host/],
  ['no address at all', {}, { DATABASE_URL: 'opensesame' }, /^DATABASE_URL is not an address such as postgres:\/\//],
  ['SQLAlchemy’s own form', { postgres: 'postgresql+asyncpg://host/fiml' }, {}, /^--postgres is not an address/],
  ['another component', { redis: REDIS, only: 'l3' }, {}, /^--only: "l3" is not measured here.* There are l1, l2$/],
  ['nothing', { redis: REDIS, only: '' }, {}, /^--only: "" is not measured here/],
  ['no rounds', { redis: REDIS, rounds: '0' }, {}, /^--rounds must be a whole number from 1 to 100000, not "0"/],
  ['half a round', { redis: REDIS, rounds: '1.5' }, {}, /^--rounds must be/],
  ['too many rounds', { redis: REDIS, rounds: '100001' }, {}, /^--rounds must be/],
  ['rounds in words', { redis: REDIS, rounds: 'many' }, {}, /^--rounds must be/],
])('%s is refused, and no password is repeated', (_what, flags, env, message) => {
  const problems = problemsOf(flags, env);
  expect(problems).toEqual([expect.stringMatching(message)]);
  expect(problems.join()).not.toContain('opensesame');
});

test('every problem is told at once', () => {
  expect(problemsOf({ redis: 'x', postgres: 'y', only: 'l4', rounds: '-1' })).toHaveLength(4);
});
