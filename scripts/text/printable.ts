/** Longer texts are cut: a name of ten thousand characters would push everything else out of sight, and out of a comment. */
const LONGEST_TEXT = 1000;
/** What stands in a table's column, where several must fit beside each other. */
const LONGEST_NAME = 120;

/**
 * A text from outside (tags of a foreign script, addresses, what a server says of itself) in one line that anything shows as
 * it is: without control characters, which could move the cursor or colour what follows, without marks that turn the
 * direction of writing, and without halves of characters and non-characters, which XML and UTF-8 cannot hold.
 */
export const oneLine = (text: string): string => shortened(visible(text), LONGEST_TEXT);

/** The same where it is one of many in a table. */
export const nameText = (text: string): string => shortened(visible(text), LONGEST_NAME);

/**
 * The same for a terminal, whose lines GitHub Actions reads as well: it obeys one that begins with `::`, or that has `##[`
 * anywhere, so that a name could annotate the job, or keep every later annotation from being seen.
 */
export const printable = (text: string): string => oneLine(text).replace(/^::/, ': :').replaceAll('##[', '# #[');

/**
 * A text of at most so many characters, cut in its middle: both ends tell more than one. The cut says what it took.
 *
 * @param most characters, enough for the words about the cut.
 */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // By characters: half of a surrogate pair is no character.
  const characters = [...text];
  if (characters.length <= most) return text;
  const cut = (left: number) => ` […${characters.length - left} characters…] `;
  const kept = most - cut(0).length;
  const head = Math.ceil(kept / 2);
  return `${characters.slice(0, head).join('')}${cut(kept)}${characters.slice(characters.length - (kept - head)).join('')}`;
}

const visible = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Cs}\p{Noncharacter_Code_Point}]/gu, '\ufffd')
    .trim();
