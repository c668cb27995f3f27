import { type AddressInfo, createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** A port that nobody has, for programs that cannot choose one and say which. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
