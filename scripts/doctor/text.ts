import type { Reply, TargetClient } from '../http';
import { printable } from '../text/printable';

/** Enough to recognise what was sent, and no more than a line of it. */
const LONGEST_QUOTE = 80;
/** For what a report says of one thing. */
const LONGEST_LINE = 200;
/** What is looked at of a long text, before what cannot be shown is taken out of it. */
const LONGEST_LOOK = 2000;

type Redacting = Pick<TargetClient, 'redacted'>;

/** What a server sent, in one line fit for a terminal. Secrets go before anything is cut: half of one is still a secret. */
export function cleaned(client: Redacting, text: string, longest = LONGEST_LINE): string {
  const plain = printable(client.redacted(text).slice(0, LONGEST_LOOK));
  return plain.length <= longest ? plain : `${plain.slice(0, longest - 1)}…`;
}

/** The same in quotation marks. */
export const quoted = (client: Redacting, text: string, longest = LONGEST_QUOTE): string =>
  `"${cleaned(client, text, longest)}"`;

/** What kind of answer it is, for somebody who expected another: `HTTP 200, an HTML page titled "Welcome"`. */
export function seen(client: TargetClient, reply: Reply): string {
  const location = reply.headers.location;
  const status = `HTTP ${reply.status}`;
  if (location !== undefined) return `${status}, a redirect to ${quoted(client, location, 200)}`;
  if (reply.text.trim() === '') return `${status} without content`;
  const title = /<title[^>]*>([^<]*)/i.exec(reply.text)?.[1];
  if (title !== undefined) return `${status}, an HTML page titled ${quoted(client, title)}`;
  if (/^\s*<(!doctype )?html/i.test(reply.text)) return `${status}, an HTML page`;
  const json = decode(reply.text);
  if (json === undefined) return `${status}, text that begins ${quoted(client, reply.text)}`;
  return `${status}, JSON that begins ${quoted(client, reply.text)}`;
}

/** The value of a JSON text; undefined when it is none. */
export function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
