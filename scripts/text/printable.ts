/**
 * A text from outside (tags of a foreign script, addresses, what a server says of itself) in one line that a terminal shows
 * as it is: without control characters, which could move the cursor or colour what follows, and without marks that turn
 * the direction of writing.
 */
export const printable = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .trim();
