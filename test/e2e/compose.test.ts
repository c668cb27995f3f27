import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PINNED_VERSION } from '../../scripts/setup';
import { checkJsonschema, checkSchema } from '../support/check-jsonschema';
import { repository } from '../support/cli';
import { describeWithPrograms } from '../support/programs';
import { INSTALL_MS } from '../support/python-package';

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const file = join(repository, 'docker-compose.yml');
const { services } = parse(readFileSync(file, 'utf8')) as { readonly services: Readonly<Record<string, Service>> };
const named = Object.entries(services);
/** Runs once, and is then gone. */
const ONE_SHOT = 'k6';

test.each(named)('%s is of one exact version, and reached from this machine alone', (_, { image, ports = [] }) => {
  expect(image).toMatch(/^[\w./-]+:v?\d+(\.\d+)*(-[a-z]+)?$/);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test.each(named)('%s can be waited for, and waits for what it needs', (name, {
  healthcheck,
  profiles = [],
  ...service
}) => {
  expect(healthcheck !== undefined).toBe(name !== ONE_SHOT);
  for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
    expect(condition).toBe('service_healthy');
    // Compose starts what is needed only where that is in the same profile, or in none.
    const others = services[needed]?.profiles ?? profiles;
    expect(others).toEqual(expect.arrayContaining([...profiles]));
  }
});

test.each(named)('%s is given what is there', (_, { volumes = [] }) => {
  const made = ['./dist', '.'];
  for (const volume of volumes.filter((one) => one.startsWith('.'))) {
    const [path = '', , mode] = volume.split(':');
    expect({ path, there: made.includes(path) || existsSync(join(repository, path)), mode }).toEqual({
      path,
      there: true,
      mode: 'ro',
    });
  }
});

test('the services of make services start alone; Grafana brings Prometheus, and k6 is the pinned one', () => {
  const unasked = named.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
  expect(unasked.sort()).toEqual(['llm', 'postgres', 'redis', 'reference', 'toxiproxy']);
  expect(Object.keys(services.grafana?.depends_on ?? {})).toEqual(['prometheus']);
  expect(services.k6?.image).toBe(`grafana/k6:${PINNED_VERSION}`);
});

describeWithPrograms(['python3', 'pip3'], 'the specification of compose files', () => {
  let checker: string;
  beforeAll(async () => {
    checker = await checkJsonschema();
  }, INSTALL_MS);

  test('takes docker-compose.yml, and refuses what is none', () => {
    expect(checkSchema(checker, 'compose-spec', readFileSync(file, 'utf8'))).toContain('ok');
    expect(() => checkSchema(checker, 'compose-spec', 'services: { redis: { imaeg: redis } }')).toThrow();
  });
});
