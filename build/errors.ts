import type { BuildFailure, Message } from 'esbuild';
import type { Boundary, Refusal } from './boundary';

/** The sources cannot be built. The message names file, line and, for a refused import, the chain that leads to it. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

/** Whether esbuild refused the sources, as opposed to having failed itself. */
export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

/** Turns esbuild's findings into one readable message. */
export function explain(failure: BuildFailure, boundary?: Boundary): BuildError {
  return new BuildError(failure.errors.map((message) => explainOne(message, boundary)).join('\n'));
}

function explainOne(message: Message, boundary: Boundary | undefined): string {
  const { location, text } = message;
  const place = location === null ? '' : `${location.file}:${location.line}:${location.column + 1}: `;
  const refusal = boundary && isRefusal(message.detail) ? message.detail : undefined;
  if (boundary === undefined || refusal === undefined) return `${place}${text}`;
  const chain = [...boundary.chainTo(refusal.importer), refusal.specifier].join(' -> ');
  return `${place}${text}\n  imported through ${chain}`;
}

function isRefusal(detail: unknown): detail is Refusal {
  return typeof detail === 'object' && detail !== null && 'importer' in detail && 'specifier' in detail;
}
