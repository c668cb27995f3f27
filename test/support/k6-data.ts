/** What k6 shares between its virtual users, for tests that have but one. */
export class SharedArray<Item> extends Array<Item> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  constructor(_name: string, make: () => readonly Item[]) {
    super();
    // Through JSON, as k6 does it: what does not survive that must not work here either.
    this.push(...(JSON.parse(JSON.stringify(make())) as Item[]));
  }
}
