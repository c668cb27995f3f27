import { SharedArray } from 'k6/data';

/**
 * Makes a value once in a k6 process, in whichever initialisation comes first, and hands it to every virtual user; k6 init
 * code. The value travels as JSON: what JSON cannot hold is lost, and each virtual user gets a copy of its own, so that it is
 * to be small.
 *
 * @param name of this value alone in the whole script.
 */
export const shared = <Value>(name: string, make: () => Value): Value =>
  JSON.parse(new SharedArray(name, () => [JSON.stringify(make())])[0] as string);
