const SHOWN_PARTS = 3;

/** The end of a path, which tells most. */
export const shortPath = (path: string): string => {
  const parts = path.split('/');
  return parts.length <= SHOWN_PARTS ? path : `…/${parts.slice(-SHOWN_PARTS).join('/')}`;
};
