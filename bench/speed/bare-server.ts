import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// The least that an HTTP server in Node does: it reads the request and sends a body of as many bytes as it is told.
const body = 'x'.repeat(Number(process.argv[2]));
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.setHeader('content-type', 'application/json').end(body));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
