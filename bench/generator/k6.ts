import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSeconds } from '../../scripts/run/cpu';
import { peakBytes } from '../../scripts/run/memory';
import { k6Environment } from '../../scripts/setup';

const LOOK_MS = 50;
const THRESHOLDS_CROSSED = 99;

/** A script and what it is told. */
export interface Load {
  readonly k6: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** k6's `--out`, as a kind and the end of a file's name; null: it writes no samples. */
  readonly output: readonly [kind: string, ending: string] | null;
}

/** What a whole k6 has taken, its start and its end with it. */
export interface Taken {
  readonly cpuS: number;
  readonly peakBytes: number;
  readonly requests: number;
  /** Iterations that never began, since no virtual user was free. */
  readonly dropped: number;
  readonly p95Ms: number;
}

/** Runs k6 and looks at it until it ends. @throws when it ends with anything but 0 or crossed thresholds. */
export async function measure({ k6, script, env, output }: Load): Promise<Taken> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-generator-'));
  const summary = join(folder, 'summary.json');
  const samples = output === null ? [] : ['--out', `${output[0]}=${join(folder, `samples${output[1]}`)}`];
  try {
    const child = spawn(k6, ['run', '--quiet', '--no-color', '--summary-export', summary, ...samples, script], {
      env: k6Environment({ ...process.env, ...env }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    let cpuS = 0;
    let peak = 0;
    const looks = setInterval(() => {
      cpuS = cpuSeconds(child.pid ?? 0) ?? cpuS;
      peak = peakBytes(child.pid ?? 0) ?? peak;
    }, LOOK_MS);
    const [code] = await once(child, 'close');
    clearInterval(looks);
    if (code !== 0 && code !== THRESHOLDS_CROSSED) throw new Error(`k6 ended with ${code}: ${stderr}`);
    const { metrics } = JSON.parse(readFileSync(summary, 'utf8'));
    return {
      cpuS,
      peakBytes: peak,
      requests: metrics.http_reqs.count,
      dropped: metrics.dropped_iterations?.count ?? 0,
      p95Ms: metrics.http_req_duration['p(95)'],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
