/** A number that Python holds as a float and therefore writes with a decimal point: 100.0. */
export class Float {
  constructor(readonly value: number) {}
}

export const float = (value: number): Float => new Float(value);

/** JSON as the server writes it. `spaced` is Python's default form, with a space after each comma and colon. */
export function writeJson(value: unknown, spaced: boolean): string {
  if (value instanceof Float) return writeFloat(value.value);
  if (Array.isArray(value)) return `[${value.map((item) => writeJson(item, spaced)).join(spaced ? ', ' : ',')}]`;
  if (typeof value === 'object' && value !== null) {
    const colon = spaced ? ': ' : ':';
    const entries = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}${colon}${writeJson(item, spaced)}`,
    );
    return `{${entries.join(spaced ? ', ' : ',')}}`;
  }
  return JSON.stringify(value);
}

export const writeFloat = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));
