import type { Toxiproxy } from '../setup';
import { freePort, HOST } from './free-port';
import type { ServicesHome } from './home';

const ANSWER_DEADLINE_MS = 5000;

/** Starts Toxiproxy without proxies; the URL of its API. */
export async function startToxiproxy(home: ServicesHome, { path }: Pick<Toxiproxy, 'path'>): Promise<string> {
  const port = await freePort();
  const url = `http://${HOST}:${port}`;
  await home.launch({
    name: 'toxiproxy',
    command: path,
    args: ['-host', HOST, '-port', String(port)],
    probe: async () => {
      await call(`${url}/version`);
    },
  });
  return url;
}

/** Puts a proxy before a service; the host and port to use instead of the service's. */
export async function addProxy(toxiproxyUrl: string, name: string, upstream: string): Promise<string> {
  const { host } = new URL(upstream);
  const proxy = { name, listen: `${HOST}:0`, upstream: host };
  const answer = await call(`${toxiproxyUrl}/proxies`, { method: 'POST', body: JSON.stringify(proxy) });
  return ((await answer.json()) as { listen: string }).listen;
}

async function call(url: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
