import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const PATH = /^\/openai\/deployments\/[^/?]+\/chat\/completions(\?|$)/;
const BODY = JSON.stringify({
  id: 'stub',
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: {
        role: 'assistant',
        content: 'The price moved little today; nothing in the news explains more than that.',
      },
    },
  ],
});

/**
 * Starts a stand-in for Azure OpenAI: every deployment answers every prompt with the same sentence after a fixed time.
 * @param port 0: the system chooses.
 */
export function startLlmStub(host: string, port: number, latencyMs: number): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.method !== 'POST' || !PATH.test(request.url ?? '')) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"404","message":"Resource not found"}}');
      return;
    }
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      response.end(BODY);
    }, latencyMs);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      resolve({ url: `http://${host}:${(server.address() as AddressInfo).port}`, server });
    });
  });
}
