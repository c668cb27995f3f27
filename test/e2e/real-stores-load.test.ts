import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cli, temporaryFolder, verdictIn } from '../support/cli';
import { FULL_LOAD, firstPass } from '../support/load';
import { startReferenceProcess } from '../support/reference';
import { describeWith, type Service, startPostgres, startRedis } from '../support/services';

describeWith(['redis', 'postgres'], 'on real Redis and PostgreSQL', () => {
  const services: Service[] = [];
  const folder = temporaryFolder('real-stores');

  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  test('the whole suite passes as it does on embedded ones', async () => {
    services.push(...(await Promise.all([startRedis(), startPostgres()])));
    const [redis, postgres] = services;
    const server = await startReferenceProcess([], {
      ...process.env,
      REDIS_URL: redis?.url,
      DATABASE_URL: postgres?.url,
    });
    try {
      let out = '';
      const { code, stdout } = await firstPass((attempt) => {
        out = join(folder, `run-${attempt}`);
        return cli(['run', 'load', '--target', server.url, '--out', out, ...FULL_LOAD]);
      });
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\nPASS/) });
      expect(verdictIn(out).targets.map(({ verdict }) => verdict)).not.toContain('WARN');
    } finally {
      await server.stop();
    }
  }, 240_000);
});
