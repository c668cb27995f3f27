import { OVERRIDES, type Override } from '../../config';
import { table } from '../text/table';
import { FLAGGED, flagOf } from './flags';

const rows = (OVERRIDES as readonly Override[]).map((override) => {
  const { name, type, unit, fallback, meaning } = override;
  return {
    name,
    option: FLAGGED.includes(override) ? flagOf(name) : '',
    type: typeof type === 'string' ? (unit ?? (type === 'json' ? 'JSON object' : type)) : type.join(' or '),
    fallback: fallback ?? '',
    meaning: override.nodeOnly ? `${meaning} (plain k6 ignores it)` : meaning,
  };
});

/** Every override as text, for `--help`. */
export const overridesHelp = (): string =>
  [
    'Overrides. Each is an environment variable for fiml-perf and make, and -e NAME=VALUE for plain k6; secrets have no',
    'option, since a command line can be read by others.',
    '',
    table(
      ['variable', 'type or unit', 'default', 'meaning'],
      rows.map(({ name, type, fallback, meaning }) => [name, type, fallback, meaning]),
      [],
    ),
  ].join('\n');

/** Every override as a Markdown table, as the README has it. */
export const overridesMarkdown = (): string =>
  [
    '| Variable | Option | Type or unit | Default | Meaning |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ name, option, type, fallback, meaning }) =>
        `| \`${name}\` | ${code(option)} | ${type} | ${code(fallback)} | ${meaning} |`,
    ),
    '',
  ].join('\n');

const code = (text: string): string => (text === '' ? '' : `\`${text}\``);
