import { withoutCredentials } from '../../../config';
import { extent } from '../../report/html/figure';
import { writeTextAtomically } from '../../result/files';
import { formatBytes, percent } from '../../text/format';
import type { overhead } from '../cpu/overhead';
import type { Findings, FindingsTable } from '../findings';
import type { Loaded } from '../load';
import type { ProfileOutput } from '../output';
import type { ServerProcess } from '../process/runtime';
import { shortPath } from '../short-path';
import { packageOf } from '../stacks/package';
import { fileIn, functionTotals, packageTotals, type Total } from '../stacks/totals';
import { flameTree } from '../stacks/tree';
import { COUNTS, MEMORY } from './columns';
import { figuresOf } from './figures';
import { bytesOf, type Heap } from './heap';
import { judgeGrowth, underLoad } from './judge';
import type { Watched } from './watch';

/** What was seen of a process's memory. */
export interface MemorySeen {
  readonly process: ServerProcess;
  readonly watched: Watched;
  /** What allocates; null where that could not be sampled. */
  readonly heap: Heap | null;
  readonly notes: readonly string[];
}

/** A load that was sent meanwhile. */
export interface MemoryLoad {
  readonly about: string;
  readonly url: string;
  readonly loaded: Loaded<unknown>;
  /** Why the server may have had less to do than it should; null where it had that. */
  readonly flaw: string | null;
  /** What is to be said of the process beside others of the server; null where there is nothing. */
  readonly note: string | null;
  /** What the look cost the server; null where it could not be told. */
  readonly cost: ReturnType<typeof overhead>;
}

const MOST_ROWS = 15;
const COLUMNS = [...MEMORY, ...COUNTS];

/**
 * Writes each look as a line of a CSV file, and says what is to be seen in them.
 *
 * @param limit of the growth, as a share of the memory at the beginning.
 * @param load null where none of ours was sent.
 */
export function memoryFindings(
  { process, watched, heap, notes }: MemorySeen,
  limit: number,
  load: MemoryLoad | null,
  output: ProfileOutput,
): Findings {
  writeTextAtomically(output.path('memory', 'csv'), csvOf(watched));
  const judged = underLoad(judgeGrowth(watched, limit), load?.flaw ?? null);
  const keptBytes = heap === null ? 0 : bytesOf(heap);
  return {
    kind: 'memory',
    verdict: judged.verdict,
    exitCode: judged.exitCode,
    headline: judged.headline,
    about: [
      `process ${process.pid} (${process.program}), ${watched.looks.length} looks at /proc`,
      ...(heap === null ? [] : [heap.about]),
      ...(load === null
        ? ['no load of this suite was sent: it shows the process under whatever it had to do']
        : [
            `under ${load.about}, sent to ${withoutCredentials(load.url)}`,
            `the load itself, by its run: ${load.loaded.headline}`,
          ]),
    ],
    facts: [
      ...(load === null ? [] : [{ name: 'Load', value: load.loaded.verdict.verdict }]),
      { name: 'Resident memory', value: formatBytes(watched.looks.at(-1)?.residentBytes ?? 0) },
      ...(heap === null ? [] : [{ name: 'Kept of what was allocated meanwhile', value: formatBytes(keptBytes) }]),
    ],
    notes: [
      ...judged.notes,
      ...(load === null
        ? []
        : [
            load.cost?.sentence ??
              'what the look costs cannot be told: there was not load enough before, meanwhile and after',
          ]),
      ...(load?.note == null ? [] : [load.note]),
      ...notes,
      ...(heap?.notes ?? []),
    ],
    tables: [
      changesTable(watched),
      ...(heap === null ? [] : heapTables(heap, keptBytes)),
      ...(load?.cost == null ? [] : [load.cost.table]),
    ],
    figures: figuresOf(watched),
    flameGraph:
      heap === null || keptBytes === 0
        ? null
        : {
            caption:
              'Each bar is a function, as wide as what it, or what it called, allocated and is still kept; what it called stands above it. Click to look closer.',
            unit: 'bytes',
            isDifferential: false,
            root: flameTree(heap.kept),
          },
  };
}

/** How each changed; nothing of what the kernel did not tell. */
const changesTable = ({ looks }: Watched): FindingsTable => ({
  title: 'What the kernel says of the process',
  hint: 'Resident memory counts shared pages in full, proportional memory by its part of them, and unique memory not at all.',
  head: ['what', 'at first', 'at last', 'at most'],
  right: [1, 2, 3],
  rows: COLUMNS.flatMap(({ name, of, format }) => {
    const values = looks.flatMap((look) => of(look) ?? []);
    const [first, last] = [values[0], values.at(-1)];
    return first === undefined || last === undefined
      ? []
      : [[name, format(first), format(last), format(extent(values)[1])]];
  }),
});

/** Bytes and counts, with what the kernel did not tell left empty. */
function csvOf({ looks }: Watched): string {
  const head = [
    'time',
    ...COLUMNS.map(({ name, isBytes }) => `${name.replaceAll(' ', '_')}${isBytes ? '_bytes' : ''}`),
  ];
  const rows = looks.map((look) => [new Date(look.atMs).toISOString(), ...COLUMNS.map(({ of }) => of(look) ?? '')]);
  return `${[head, ...rows].map((row) => row.join(',')).join('\n')}\n`;
}

function heapTables({ kept, told }: Heap, keptBytes: number): FindingsTable[] {
  const bytes = ({ self }: Total): string => formatBytes(self * keptBytes);
  const functions = mostKept(functionTotals(kept));
  return [
    {
      title: 'Functions by what they allocated and is still kept',
      hint:
        functions.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${functions.length}; the flame graph has all.` : '',
      head: ['kept', 'share', 'function', 'where', 'package'],
      right: [0, 1],
      rows: functions
        .slice(0, MOST_ROWS)
        .map((one) => [
          bytes(one),
          percent(one.self),
          one.name,
          shortPath(one.where),
          packageOf(fileIn(one), one.name),
        ]),
    },
    {
      title: 'Packages by what they allocated and is still kept',
      hint: '',
      head: ['kept', 'share', 'package'],
      right: [0, 1],
      rows: mostKept(packageTotals(kept))
        .slice(0, MOST_ROWS)
        .map((one) => [bytes(one), percent(one.self), one.name]),
    },
    ...(told === null
      ? []
      : [
          {
            title: 'What the runtime says of its memory',
            hint: 'After: once garbage was collected.',
            head: ['kind', 'before', 'after'],
            right: [1, 2],
            rows: Object.entries(told.before).map(([name, before]) => [
              name,
              formatBytes(before),
              formatBytes(told.after[name] ?? 0),
            ]),
          },
        ]),
  ];
}

const mostKept = (totals: readonly Total[]): Total[] =>
  totals.filter(({ self }) => self > 0).sort((a, b) => b.self - a.self);
