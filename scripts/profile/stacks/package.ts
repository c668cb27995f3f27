/** Where packages lie, by what comes before their name in a path; a later match counts more, as packages nest. */
const INSTALLED = /(?:^|\/)(?:site-packages|dist-packages|node_modules)\/(@[^/]+\/[^/]+|[^/]+)/g;
const PYTHON_LIBRARY = /(?:^|\/)lib\/python\d[\d.]*\//;
const SHARED_OBJECT = /(?:^|\/)([^/]+\.so)(?:[.\d]*)$/;

/**
 * The package that a frame belongs to, as its author would call it: the name of an installed one, `python` or `node` for what
 * comes with the runtime, a shared object's own name, the kernel; the rest is the program's own.
 *
 * @param file path of the frame; empty where the profiler does not tell.
 * @param name of the function.
 */
export function packageOf(file: string, name: string): string {
  const path = file.replaceAll('\\', '/');
  const installed = [...path.matchAll(INSTALLED)].at(-1)?.[1];
  // A module that is a single file is named without its ending.
  if (installed !== undefined) return installed.replace(/\.py$/, '');
  if (path.startsWith('node:')) return 'node';
  if (PYTHON_LIBRARY.test(path) || /^<frozen /.test(path)) return 'python';
  const object = SHARED_OBJECT.exec(path)?.[1];
  if (object !== undefined) return object;
  if (path === '[kernel]') return 'kernel';
  // What the runtime does itself has no file: collecting garbage, compiling, its built-in functions.
  return path === '' ? `runtime${/^\(.*\)$/.test(name) ? ` ${name}` : ''}` : 'own code';
}
