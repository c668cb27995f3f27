import { UserError } from '../../errors';
import type { ServerProcess } from '../process/runtime';
import { nodeSampler } from './node';
import { perf } from './perf';
import { pySpy } from './py-spy';
import type { Sampler, SamplerOptions } from './sampler';

/**
 * The profiler for a process, by what runs it.
 *
 * @throws UserError when that is not installed, or cannot do what is asked for.
 */
export async function samplerFor(
  { pid, runtime, program }: ServerProcess,
  options: SamplerOptions,
  say: (line: string) => void,
): Promise<Sampler> {
  const unknown = foreignTo(runtime, options);
  if (unknown.length > 0) {
    throw new UserError(
      `${unknown.join(' and ')}: process ${pid} runs ${program}, and only py-spy, for Python, can do that`,
    );
  }
  if (runtime === 'python') return pySpy(options, say);
  return runtime === 'node' ? nodeSampler(options) : perf();
}

function foreignTo(runtime: ServerProcess['runtime'], { native, gil, idle }: SamplerOptions): string[] {
  if (runtime === 'python') return [];
  return [
    ...(native && runtime === 'node' ? ['--native'] : []),
    ...(gil ? ['--gil'] : []),
    ...(idle && runtime === 'native' ? ['--idle'] : []),
  ];
}
