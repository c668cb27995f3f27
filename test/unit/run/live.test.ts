import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { browserCommand } from '../../../scripts/browser';
import { UserError } from '../../../scripts/errors';
import { type LivePage, openLivePage } from '../../../scripts/run/live';

const EVENT = (name: string, data: string) => `id: 1\ndata: ${data}\nevent: ${name}\n\n`;

const opened: LivePage[] = [];
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function open(env: NodeJS.ProcessEnv = {}): Promise<LivePage> {
  const page = await openLivePage(env, '/somewhere/k6-dashboard.html');
  opened.push(page);
  return page;
}

/** What stands where k6 would serve its page. */
async function k6(page: LivePage, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<void> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(Number(page.env.K6_WEB_DASHBOARD_PORT), page.env.K6_WEB_DASHBOARD_HOST);
  await once(server, 'listening');
}

/** What a listener hears until it is cut off. */
function listen(page: LivePage): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${page.url}/events`, (response) => {
      let heard = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        heard += text;
      });
      response.once('close', () => resolve(heard));
    }).once('error', reject);
  });
}

test('what k6 serves is passed on, at an address that only this machine reaches', async () => {
  const page = await open();
  expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(page.env.K6_WEB_DASHBOARD_HOST).toBe('127.0.0.1');
  await k6(page, ({ url }, response) => response.writeHead(200, { 'content-type': 'text/css' }).end(`this is ${url}`));
  const answer = await fetch(`${page.url}/ui/?endpoint=/`);
  expect(answer.headers.get('content-type')).toBe('text/css');
  expect(await answer.text()).toBe('this is /ui/?endpoint=/');
});

test('before k6 serves it the page says so, and looks again', async () => {
  const answer = await fetch((await open()).url);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('http-equiv="refresh"');
});

test('when k6 says that the load is over, its listeners let it go, and the browser has heard it', async () => {
  const page = await open();
  let released: Promise<unknown> | undefined;
  await k6(page, (_, response) => {
    released = once(response, 'close');
    response.write(EVENT('snapshot', '["event: stop"]'));
    // A packet may end anywhere.
    setImmediate(() => {
      response.write(EVENT('stop', '[1]').slice(0, -6));
      setImmediate(() => response.write(EVENT('stop', '[1]').slice(-6)));
    });
  });
  const heard = await listen(page);
  expect(heard).toBe(EVENT('snapshot', '["event: stop"]') + EVENT('stop', '[1]'));
  await released;
});

test('as long as the load goes on, nobody is cut off', async () => {
  const page = await open();
  let end = () => {};
  await k6(page, (_, response) => {
    response.write(EVENT('snapshot', '[2]'));
    response.write(EVENT('stopped', '[3]'));
    end = () => response.end(EVENT('snapshot', '[4]'));
    setImmediate(() => end());
  });
  expect(await listen(page)).toContain('[4]');
});

test('closing it cuts off whoever still listens', async () => {
  const page = await open();
  const connected = new Promise<void>((resolve) => {
    void k6(page, (_, response) => {
      response.write(EVENT('snapshot', '[5]'));
      resolve();
    });
  });
  const heard = listen(page).catch(() => 'cut');
  await connected;
  await page.close();
  await heard;
});

test('a load that was too short for k6 to keep its page is told', async () => {
  expect((await open()).notes()).toEqual([
    expect.stringContaining('there is no k6-dashboard.html: k6 keeps its page only'),
  ]);
  const kept = await openLivePage({}, __filename);
  opened.push(kept);
  expect(kept.notes()).toEqual([]);
});

test("k6's own variables say where it is", async () => {
  const port = new URL((await open()).url).port;
  await opened.splice(0)[0]?.close();
  expect((await open({ K6_WEB_DASHBOARD_PORT: port })).url).toBe(`http://127.0.0.1:${port}`);
  await expect(open({ K6_WEB_DASHBOARD_PORT: port })).rejects.toThrow(`127.0.0.1:${port} is taken`);
  for (const wrong of ['-1', 'http', '123456']) {
    await expect(open({ K6_WEB_DASHBOARD_PORT: wrong })).rejects.toThrow(UserError);
  }
});

test('a browser is started only where there is a display', () => {
  expect(browserCommand({}, 'linux')).toBeNull();
  expect(browserCommand({ DISPLAY: ':0' }, 'linux')).toEqual(['xdg-open']);
  expect(browserCommand({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toEqual(['xdg-open']);
  expect(browserCommand({}, 'darwin')).toEqual(['open']);
  expect(browserCommand({ DISPLAY: ':0' }, 'aix')).toBeNull();
});
