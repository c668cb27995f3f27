import type { Verdict } from '../result/verdict';

/** Whether the measurement says nothing about the server. */
export const isBlinded = ({ checks }: Verdict): boolean => checks.some(({ kind, ok }) => kind === 'blinding' && !ok);
