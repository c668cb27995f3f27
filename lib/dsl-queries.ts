import { SharedArray } from 'k6/data';
import { dslQueries } from './once';

const QUERIES: readonly string[] = new SharedArray('FK-DSL queries', () => [...dslQueries()]);

/** The n-th FK-DSL query, each kind in turn. */
export const dslQuery = (ordinal: number): string => QUERIES[ordinal % QUERIES.length] as string;
