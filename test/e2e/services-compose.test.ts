import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, temporaryFolder } from '../support/cli';

/** A Docker that notes what it is told, and does as much of it as the file beside it says. */
const DOCKER = `#!/bin/sh
echo "$*" >>"$(dirname "$0")/told"
case "$*" in
  info) exit "$(cat "$(dirname "$0")/engine")" ;;
  'compose up'*) exit "$(cat "$(dirname "$0")/up")" ;;
esac
`;

let folder: string;

beforeEach(() => {
  folder = temporaryFolder('compose');
  // The shell and what it needs, and no redis-server.
  for (const program of ['cat', 'dirname']) {
    writeFileSync(join(folder, program), `#!/bin/sh\nexec /usr/bin/${program} "$@"\n`);
    chmodSync(join(folder, program), 0o755);
  }
  writeFileSync(join(folder, 'docker'), DOCKER);
  chmodSync(join(folder, 'docker'), 0o755);
  mkdirSync(join(folder, 'cache'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const services = (command: string) =>
  cli(['services', command], { env: { PATH: folder, PERF_CACHE_DIR: join(folder, 'cache') } });
const docker = (engine: number, up: number) => {
  writeFileSync(join(folder, 'engine'), String(engine));
  writeFileSync(join(folder, 'up'), String(up));
};
const told = () => readFileSync(join(folder, 'told'), 'utf8').trim().split('\n');
const LINES = expect.stringMatching(/^export PERF_TARGET=http:\/\/127\.0\.0\.1:8000\nexport PERF_TOXIPROXY=/);

test('without the programs and with an engine the services are containers, until they are stopped', async () => {
  docker(0, 0);
  expect(await services('up')).toMatchObject({ code: 0, stdout: LINES });
  expect(await services('up')).toMatchObject({ code: 0, stdout: LINES, stderr: expect.stringContaining('already up') });
  expect(await services('env')).toMatchObject({ code: 0, stdout: LINES });
  expect(await services('down')).toMatchObject({ code: 0, stdout: '' });
  expect(told()).toEqual(['info', 'compose up --detach --wait', 'compose down']);
  expect(existsSync(join(folder, 'cache', 'services', 'compose'))).toBe(false);
  expect(await services('env')).toMatchObject({ code: 2 });
});

test('containers that do not get ready are taken down again, and it is said', async () => {
  docker(0, 1);
  expect(await services('up')).toMatchObject({ code: 2, stderr: expect.stringContaining('did not get the services') });
  expect(told().at(-1)).toBe('compose down');
});

test('without an engine it is said what to install', async () => {
  docker(1, 0);
  const { code, stderr } = await services('up');
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('apt-get install redis-server') });
});
