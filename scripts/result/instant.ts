import { z } from 'zod';

/** Furthest from the epoch that a Date goes, ms. */
const FURTHEST_MS = 8.64e15;

/** Epoch ms that can be told as a date: a report of a file from outside would throw at any other. */
export const instantMs = z.number().min(-FURTHEST_MS, 'no such time').max(FURTHEST_MS, 'no such time');
