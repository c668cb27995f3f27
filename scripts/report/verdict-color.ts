import type picocolors from 'picocolors';

type Colors = ReturnType<typeof picocolors.createColors>;

/** How a verdict is coloured: what passed, what failed, what cannot be judged, and what is to be looked at. */
export function colorOf(colors: Colors, verdict: string): (text: string) => string {
  switch (verdict) {
    case 'PASS':
      return colors.green;
    case 'FAIL':
    case 'REGRESSED':
      return colors.red;
    case 'INVALID':
      return colors.magenta;
    case 'INFO':
      return colors.dim;
    default:
      return colors.yellow;
  }
}
