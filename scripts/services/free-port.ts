import { type AddressInfo, createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** A port that nobody has, for programs that cannot choose one and say which. */
export const freePort = (): Promise<number> => taken(0);

/** Whether nobody has a port of this machine. */
export const isFree = (port: number): Promise<boolean> =>
  taken(port).then(
    () => true,
    () => false,
  );

/** Takes a port for a moment. @param port 0: any. @returns which it was. */
function taken(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, HOST, () => {
      const { port: own } = server.address() as AddressInfo;
      server.close(() => resolve(own));
    });
  });
}
