import { OVERRIDES, type Override } from '../../config';
import { FLAGGED, flagOf } from '../overrides/flags';
import type { Run } from '../result/run';

/** Say where things are and how they are looked at, not what is measured. */
const LOCAL: readonly string[] = [
  'PERF_RESULTS',
  'PERF_PROMETHEUS',
  'PERF_K6',
  'PERF_CACHE_DIR',
  'PERF_K6_RELEASE_URL',
  'PERF_PROFILE',
  'PERF_LIVE',
];

/** Shell commands that make this run again, a line each: the suite's commit, and every override that was not the default. */
export function reproduction({ scenario, profile, options, identity, target, segments }: Run): string[] {
  const flags = FLAGGED.filter(({ name }) => !LOCAL.includes(name) && options[name]?.source !== 'default').flatMap(
    ({ name, type }) => {
      const value = name === 'PERF_TARGET' && target.kind === 'embedded' ? undefined : options[name]?.value;
      // A flag takes no value, and is off where it is not given.
      if (type === 'flag') return value === 'true' ? [flagOf(name)] : [];
      return value === undefined ? [] : [`${flagOf(name)} ${quoted(value)}`];
    },
  );
  const secrets = (OVERRIDES as readonly Override[])
    .filter(({ name, secret }) => secret && options[name] !== undefined)
    .map(({ name }) => name);
  return [
    ...(identity.commit === null
      ? []
      : [`git checkout ${quoted(identity.commit)}${identity.dirty ? '  # plus changes' : ''}`]),
    ...(segments === undefined ? [] : [`# on one machine; this load was shared by ${segments.planned} k6`]),
    ...(secrets.length === 0 ? [] : [`# with ${secrets.join(', ')} in the environment`]),
    [
      'npx fiml-perf run',
      quoted(scenario),
      ...(profile === null ? [] : [`--profile ${quoted(profile)}`]),
      ...flags,
    ].join(' '),
  ];
}

/** As a shell takes it for one word, in one line and without a character that a terminal or a reader would take for more. */
export function quoted(value: string): string {
  if (/^[\w@%+=:,./-]+$/.test(value)) return value;
  if (!UNSHOWABLE.test(value)) return `'${value.replaceAll("'", "'\\''")}'`;
  const shown = value.replace(/[\\']/g, '\\$&').replace(new RegExp(UNSHOWABLE, 'gu'), (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return `\\U${code.padStart(8, '0')}`;
  });
  return `$'${shown}'`;
}

/** Controls, marks that turn the direction of writing, other ends of a line than its own, and what is no character. */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/u;
