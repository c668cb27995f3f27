import { builtinModules } from 'node:module';
import { isAbsolute, relative, sep } from 'node:path';
import type { OnResolveArgs, PartialMessage, Plugin } from 'esbuild';
import { LATE_FILES } from './late';

/** The rooms whose code may run inside k6. */
const K6_ROOMS: readonly string[] = ['scenarios', 'lib', 'contract', 'thresholds', 'profiles', 'config'];

/** What a refused import carries from the plugin to the message. */
export interface Refusal {
  /** The importing file, relative to the root. */
  importer: string;
  specifier: string;
}

/** The plugin, and the way from a scenario to any file that it has seen. */
export interface Boundary {
  plugin: Plugin;
  chainTo(file: string): string[];
}

const builtins = new Set(builtinModules);

/** Says why k6 could not run an import as it is written, before anything is resolved; undefined when it may go on. */
export function refuseSpecifier(specifier: string): string | undefined {
  if (specifier === 'k6' || specifier.startsWith('k6/')) {
    // k6 would fetch an extended build of itself from a remote service, or stop when it cannot.
    return specifier.startsWith('k6/x/') ? 'needs a k6 extension, and the suite runs on stock k6' : undefined;
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(specifier)) return 'is a remote import, and a run must not need the network';
  const bare = specifier.replace(/^node:/, '');
  if (specifier.startsWith('node:') || builtins.has(bare) || builtins.has(bare.split('/')[0] ?? bare)) {
    return 'is a Node module, which k6 does not have';
  }
  if (isAbsolute(specifier)) return 'is an absolute path, which another machine does not have';
  if (!specifier.startsWith('./') && !specifier.startsWith('../')) {
    return 'is an npm package; in k6 it would cost memory in every virtual user, and most packages need Node or a browser';
  }
  return undefined;
}

/** Refuses whatever k6 could not run, with the chain of imports that leads to it. */
export function k6Boundary(root: string): Boundary {
  const importers = new Map<string, Set<string>>();
  const entries = new Set<string>();
  const name = (file: string) => relative(root, file).split(sep).join('/');

  const refuse = (args: OnResolveArgs, reason: string): { errors: PartialMessage[] } => {
    const detail: Refusal = { importer: name(args.importer), specifier: args.path };
    return { errors: [{ text: `"${args.path}" ${reason}`, detail }] };
  };

  const plugin: Plugin = {
    name: 'k6-boundary',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.pluginData === plugin) return undefined; // Our own question below.
        const reason = args.kind === 'entry-point' ? undefined : refuseSpecifier(args.path);
        if (reason !== undefined) return refuse(args, reason);
        if (args.path === 'k6' || args.path.startsWith('k6/')) return { path: args.path, external: true };

        const { path, errors } = await build.resolve(args.path, {
          kind: args.kind,
          importer: args.importer,
          resolveDir: args.resolveDir,
          pluginData: plugin,
        });
        if (errors.length > 0) return { errors };
        const target = name(path);
        if (args.kind === 'entry-point') {
          // Bundled by itself, and yet imported by the scenarios: the way to what is behind it begins at them.
          if (!LATE_FILES.includes(target)) entries.add(target);
          return { path };
        }
        const known = importers.get(target) ?? new Set<string>();
        importers.set(target, known.add(name(args.importer)));
        const room = target.split('/')[0] ?? '';
        if (!K6_ROOMS.includes(room)) {
          return refuse(args, `is outside of what runs in k6 (${K6_ROOMS.join(', ')})`);
        }
        // None does anything by being imported: what only a room's index refers to stays out of the bundle, and hence out of
        // every virtual user's memory.
        return { path, sideEffects: false };
      });
    },
  };

  return {
    plugin,
    /** Breadth first from the file upwards: the shortest chain is the one to read. */
    chainTo(file) {
      const paths: string[][] = [[file]];
      const seen = new Set([file]);
      for (const path of paths) {
        const head = path[0] ?? file;
        if (entries.has(head)) return path;
        for (const importer of [...(importers.get(head) ?? [])].sort()) {
          if (seen.has(importer)) continue;
          seen.add(importer);
          paths.push([importer, ...path]);
        }
      }
      return [file];
    },
  };
}
