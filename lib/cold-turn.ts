/**
 * Which cold symbol's turn it is by the clock, when one comes after the other every so many ms.
 *
 * Whoever begins there and asks for no more than one in that time never meets a symbol that an earlier run has asked for,
 * until all others have had their turn: a later run begins where its clock has gone on to.
 */
export const coldTurn = (atMs: number, everyMs: number): number => Math.round(atMs / everyMs);
