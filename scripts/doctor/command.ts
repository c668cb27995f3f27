import { Command } from 'commander';
import type { OverrideName } from '../../config';
import { targetClient } from '../http';
import { effectiveOverrides } from '../overrides/effective';
import { conformance, conformanceExitCode, diagnose, doctorExitCode, renderConformance, renderDoctor } from './index';

/** Prices of coins live 10 s whatever the hour; this finds a TTL of up to a minute. */
const WATCH_TTL_MS = 60_000;

interface DoctorFlags {
  readonly target?: string;
  readonly conformance?: string;
  readonly measureTtl?: boolean;
}

/** `fiml-perf doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look at the server, at what it depends on and at this machine, and say what to try next')
    .option('--target <url>', 'the server, instead of PERF_TARGET; without either only this machine is looked at')
    .option('--measure-ttl', 'watch a cached price until it is gone, for up to a minute')
    .option('--conformance <url>', "compare a server's answers with the contract, field by field, instead")
    .action(async (flags: DoctorFlags) => {
      process.exitCode = flags.conformance === undefined ? await examine(flags) : await compare(flags.conformance);
    });
}

async function examine({ target, measureTtl = false }: DoctorFlags): Promise<number> {
  const { config, env } = effectiveOverrides(process.env, target === undefined ? {} : targetOverride(target));
  const client = config.PERF_TARGET === null ? null : targetClient(config);
  try {
    const report = await diagnose({
      config,
      client,
      resultsFolder: config.PERF_RESULTS,
      env,
      watchTtlMs: measureTtl ? WATCH_TTL_MS : 0,
    });
    process.stdout.write(renderDoctor(report));
    return doctorExitCode(report);
  } finally {
    await client?.close();
  }
}

async function compare(url: string): Promise<number> {
  const client = targetClient(effectiveOverrides(process.env, targetOverride(url)).config);
  try {
    const report = await conformance(client);
    process.stdout.write(renderConformance(report));
    return conformanceExitCode(report);
  } finally {
    await client.close();
  }
}

const targetOverride = (url: string): Partial<Record<OverrideName, string>> => ({ PERF_TARGET: url });
