import { SharedArray } from 'k6/data';
import { coldEquities } from './once';

const COLD: readonly string[] = new SharedArray('cold symbols', () => [...coldEquities()]);

/** The symbol of the n-th cold query: asked for again only after all the others. */
export const coldEquity = (ordinal: number): string => COLD[ordinal % COLD.length] as string;
