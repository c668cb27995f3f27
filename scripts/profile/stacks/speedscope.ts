import { z } from 'zod';
import { UserError } from '../../errors';
import { readJson } from '../../result/files';
import { type Frame, type Profile, profileBuilder, totalWeight } from './profile';

/** Of speedscope's file format, the parts that sampling profilers write; the same for py-spy's files and this suite's. */
const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';
const UNIT_MS = { milliseconds: 1, microseconds: 1e-3, nanoseconds: 1e-6, seconds: 1000 } as const;

const speedscopeSchema = z.object({
  $schema: z.literal(SCHEMA),
  /** This suite's own: others list every sample, where this suite lists every kind of stack once. */
  samples: z.number().int().nonnegative().optional(),
  shared: z.object({
    frames: z.array(
      z.object({ name: z.string(), file: z.string().nullish(), line: z.number().int().nonnegative().nullish() }),
    ),
  }),
  profiles: z.array(
    z.object({
      type: z.literal('sampled'),
      name: z.string(),
      unit: z.enum(['milliseconds', 'microseconds', 'nanoseconds', 'seconds']),
      samples: z.array(z.array(z.number().int().nonnegative())),
      weights: z.array(z.number().nonnegative()),
    }),
  ),
});

/**
 * Reads a `*.speedscope.json`, all its threads as one profile.
 *
 * @throws UserError when it is none, or holds no sampled profile.
 */
export function readSpeedscope(path: string): Profile {
  const { shared, profiles, samples: counted } = readJson(path, speedscopeSchema, 'the profile');
  const frames = shared.frames.map(({ name, file, line }): Frame => ({ name, file: file ?? '', line: line ?? null }));
  const builder = profileBuilder();
  for (const { unit, samples, weights } of profiles) {
    for (const [at, sample] of samples.entries()) {
      const stack = sample.map((place) => frames[place]);
      const weight = weights[at];
      if (weight === undefined || stack.includes(undefined)) {
        throw new UserError(
          `${path}: sample ${at} has no weight, or names a frame that the file has not: it is damaged`,
        );
      }
      builder.add(stack as Frame[], weight * UNIT_MS[unit]);
    }
  }
  const profile = builder.profile();
  return { ...profile, samples: counted ?? profile.samples };
}

/** The file that https://www.speedscope.app opens. */
export function toSpeedscope(name: string, profile: Profile): z.input<typeof speedscopeSchema> & object {
  const { frames, stacks, samples } = profile;
  const sampled = {
    type: 'sampled' as const,
    name,
    unit: 'milliseconds' as const,
    startValue: 0,
    endValue: totalWeight(profile),
    samples: stacks.map((stack) => [...stack.frames]),
    weights: stacks.map(({ weight }) => weight),
  };
  return {
    $schema: SCHEMA,
    samples,
    shared: {
      frames: frames.map(({ name, file, line }) => ({
        name,
        ...(file === '' ? {} : { file }),
        ...(line === null ? {} : { line }),
      })),
    },
    profiles: [sampled],
  };
}
