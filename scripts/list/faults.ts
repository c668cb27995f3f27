import { FAULTS, type Fault } from '../../profiles';
import { table } from '../text/table';

/** The faults of each scenario, the first of each being the one that `PERF_FAULT` need not name, and what can make them. */
export const faultsTable = (): string =>
  table(
    ['fault', 'scenario', 'what is broken', 'made by'],
    Object.entries<readonly Fault[]>(FAULTS).flatMap(([scenario, ofScenario]) =>
      ofScenario.map(({ name, about, ways }) => [
        name,
        scenario,
        about,
        [...new Set(ways.map(({ driver }) => MADE_BY[driver])), 'your own commands'].join(', '),
      ]),
    ),
    [],
  );

const MADE_BY: Readonly<Record<Fault['ways'][number]['driver'], string>> = {
  load: 'its own users',
  toxiproxy: 'Toxiproxy',
  control: "the reference server's control port",
  store: 'the store itself',
};
