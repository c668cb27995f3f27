// How fast samples are read, as a ratio to plain JSON.parse of each line of the same file, and how much memory that takes.
// node -r ./build/register.js bench/ingest.ts [samples in thousands, 1000 when not given]
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ingest } from '../scripts/ingest';
import { ranAsChild, timePass } from './pass';

const SPAN_MS = 300_000;
const METRICS = ['http_req_duration', 'http_req_waiting', 'http_req_blocked', 'http_reqs', 'http_req_failed'];

/** Writes lines of k6's form, spread over five minutes whatever their number. */
function generate(path: string, samples: number): void {
  const file = openSync(path, 'w');
  let block = '';
  let seed = 1;
  for (let i = 0; i < samples; i++) {
    seed = (seed * 48271) % 2147483647;
    const metric = METRICS[i % METRICS.length];
    const time = new Date(1_790_000_000_000 + Math.floor((i / samples) * SPAN_MS)).toISOString();
    const value =
      metric === 'http_reqs' ? 1 : metric === 'http_req_failed' ? seed & 1 : -50 * Math.log(seed / 2147483647);
    const tags = `{"expected_response":"true","group":"","method":"POST","name":"call","op":"op${seed % 12}","phase":"steady","proto":"HTTP/1.1","scenario":"browse","status":"200","url":"call"}`;
    block += `{"metric":"${metric}","type":"Point","data":{"time":"${time}","value":${value},"tags":${tags}}}\n`;
    if (block.length > 1e6) {
      writeSync(file, block);
      block = '';
    }
  }
  writeSync(file, block);
  closeSync(file);
}

async function plainPass(path: string): Promise<number> {
  let samples = 0;
  for await (const line of createInterface({ input: createReadStream(path, { highWaterMark: 1 << 20 }) })) {
    if (JSON.parse(line).type === 'Point') samples += 1;
  }
  return samples;
}

function main(): void {
  const samples = Number(process.argv[2] ?? 1000) * 1000;
  const folder = mkdtempSync(join(tmpdir(), 'bench-ingest-'));
  try {
    for (const times of [1, 4]) {
      const path = join(folder, 'samples.json');
      generate(path, samples * times);
      const plain = timePass(__filename, 'plain', path);
      const own = timePass(__filename, 'ingest', path);
      if (own.found !== samples * times) throw new Error(`${own.found} samples were read of ${samples * times}`);
      const mb = statSync(path).size / 1e6;
      console.log(
        `${own.found} samples, ${mb.toFixed(0)} MB: ingest ${own.seconds.toFixed(2)} s, peak ${own.peakMb.toFixed(0)} MB; ` +
          `JSON.parse of each line ${plain.seconds.toFixed(2)} s, peak ${plain.peakMb.toFixed(0)} MB; ` +
          `ratio ${(own.seconds / plain.seconds).toFixed(2)}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const pass = async (way: string, path: string) =>
  way === 'plain' ? plainPass(path) : (await ingest(path)).source.samples;

if (!ranAsChild(pass)) main();
