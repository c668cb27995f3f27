/** What was looked at, and what was seen. */
export interface Finding {
  readonly id: string;
  readonly title: string;
  /** `unknown`: it could not be found out, or was not asked for; `detail` says why. */
  readonly status: 'ok' | 'warn' | 'bad' | 'unknown';
  readonly detail: string;
  /** What to try next; null when nothing needs doing. */
  readonly next: string | null;
}

export type Look = Omit<Finding, 'id' | 'title'>;

export const ok = (detail: string): Look => ({ status: 'ok', detail, next: null });
export const warn = (detail: string, next: string): Look => ({ status: 'warn', detail, next });
export const bad = (detail: string, next: string): Look => ({ status: 'bad', detail, next });
export const unknown = (detail: string, next: string | null = null): Look => ({ status: 'unknown', detail, next });

export const finding = (id: string, title: string, look: Look): Finding => ({ id, title, ...look });
