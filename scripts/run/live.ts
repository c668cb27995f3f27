import { existsSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { UserError } from '../errors';
import { freePort, HOST } from '../services';

/** k6's own web page on a run, as users see it. */
export interface LivePage {
  readonly url: string;
  /** What makes k6 serve it; for its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Sentences about what k6 did not keep; to be asked for when it has ended. */
  notes(): string[];
  /** Cuts whoever still looks at it off; what they see stays. */
  close(): Promise<void>;
}

/** How often the page moves, s: as Locust's. k6's own 10 s would leave a short run without a page. */
const PERIOD_S = 2;
/** Where k6 tells the page what it counts. */
const EVENTS = '/events';
/** The event with which k6 says that the load is over. */
const STOP = /^event: ?stop$/m;
/** Nobody's word for the end of the load is longer. */
const CARRIED = 32;

/**
 * Opens k6's own web page for a run that is about to start.
 *
 * k6 does not end, nor write its summary, while a browser listens to its events; a tab that was left open would keep the
 * verdict back for ever. So browsers come here, what they ask is passed on, and when k6 says that the load is over the
 * connections to k6 are cut.
 *
 * @param env `K6_WEB_DASHBOARD_PORT` and `_HOST` say where browsers find it, as they do for k6; otherwise a free port of
 *   this machine, which others cannot reach.
 * @param exportFile where k6 keeps the page at the end.
 * @throws UserError when it cannot be had there.
 */
export async function openLivePage(env: NodeJS.ProcessEnv, exportFile: string): Promise<LivePage> {
  const { K6_WEB_DASHBOARD_HOST: host = HOST, K6_WEB_DASHBOARD_PORT: port = '0' } = env;
  if (!/^\d{1,5}$/.test(port)) {
    throw new UserError(`K6_WEB_DASHBOARD_PORT must be a port, or 0 for any that is free, not ${JSON.stringify(port)}`);
  }
  const k6Port = await freePort();
  const server = createServer((request, response) => passOn(k6Port, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`;
      reject(
        new UserError(
          `the live page's address ${host}:${port} ${why}: choose another by K6_WEB_DASHBOARD_PORT, or leave it to the suite`,
        ),
      );
    });
    server.listen(Number(port), host, resolve);
  });
  const { address, family, port: own } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${own}`,
    env: {
      K6_WEB_DASHBOARD: 'true',
      K6_WEB_DASHBOARD_HOST: HOST,
      K6_WEB_DASHBOARD_PORT: String(k6Port),
      K6_WEB_DASHBOARD_PERIOD: `${PERIOD_S}s`,
      K6_WEB_DASHBOARD_EXPORT: exportFile,
    },
    notes: () =>
      existsSync(exportFile)
        ? []
        : [
            `there is no ${basename(exportFile)}: k6 keeps its page only of a load that lasts for two periods of ${PERIOD_S} s`,
          ],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function passOn(k6Port: number, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = '/' } = request;
  // A connection of its own for each: one that is kept would count as a listener when nobody listens any more.
  const asked = httpRequest({ host: HOST, port: k6Port, path: url, method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    if (url.startsWith(EVENTS)) untilStop(answer, response);
    else answer.pipe(response);
  });
  // Before k6 has started, and after it has ended.
  asked.once('error', () => (response.headersSent ? response.end() : notThere(response)));
  response.once('close', () => asked.destroy());
  request.pipe(asked);
}

/** Passes events on, and after the last one lets k6 go. */
function untilStop(answer: IncomingMessage, response: ServerResponse): void {
  let seen = '';
  let over = false;
  answer.setEncoding('utf8').on('data', (text: string) => {
    response.write(text);
    seen = seen.slice(-CARRIED) + text;
    over ||= STOP.test(seen);
    // An event ends with an empty line; cut before it, the page would never hear of it.
    if (over && seen.endsWith('\n\n')) answer.destroy();
  });
  answer.once('close', () => response.end());
}

/** k6 serves its page a moment after its address was printed: the browser looks again. */
function notThere(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1">' +
      '<title>k6</title><p>k6 is about to start.</p></html>\n',
  );
}
