import { UserError } from '../errors';
import { formatBytes } from '../text/format';

/** What Kubernetes takes as one ConfigMap: keys and values together. */
const CONFIG_MAP_LIMIT_BYTES = 2 ** 20;

/**
 * The files that a run is given, as the data of a ConfigMap.
 *
 * @throws UserError when they are more than it can hold, with what to do.
 */
export function configMapData(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const sizes = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.byteLength(name + text) }));
  const bytes = sizes.reduce((sum, each) => sum + each.bytes, 0);
  if (bytes <= CONFIG_MAP_LIMIT_BYTES) return files;
  const largest = sizes.sort((a, b) => b.bytes - a.bytes)[0];
  throw new UserError(
    `the files of the run are ${formatBytes(bytes)}, and a ConfigMap holds 1 MiB at most; the largest is ` +
      `${largest?.name} (${formatBytes(largest?.bytes ?? 0)})\n` +
      '  build an image with the scripts inside (deploy/Dockerfile), push it, and name it with --image',
  );
}
