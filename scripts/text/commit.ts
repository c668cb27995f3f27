import { printable } from './printable';

/** Enough of a commit's name to tell it from any other of a project. */
const SHOWN = 8;

/** `8aff02b1 with changes`; `unknown` where there is no checkout. */
export const shownCommit = ({ commit, dirty }: { commit: string | null; dirty?: boolean | null }): string =>
  commit === null ? 'unknown' : `${[...printable(commit)].slice(0, SHOWN).join('')}${dirty ? ' with changes' : ''}`;
