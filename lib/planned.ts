import type { Options } from 'k6/options';
import type { RunPlan } from '../profiles';
import { readPlan, readSettings } from './once';
import type { AllSettings, Settings } from './settings';
import { shared } from './shared';

/** What virtual users know of what was decided. */
export interface Planned<Plan> {
  readonly settings: Settings;
  readonly plan: Plan;
}

/**
 * The settings and the plan of a scenario, made once for all virtual users; k6 init code.
 *
 * @param planOf what JSON can hold.
 * @throws Error with every problem, which k6 prints before it ends with 107.
 */
export const planned = <Plan extends RunPlan>(
  scenario: string,
  planOf: (settings: AllSettings) => Plan,
): Planned<Plan> =>
  shared(`plan of ${scenario}`, () => {
    const all = readSettings(scenario);
    const plan = readPlan(all, () => planOf(all));
    const { config, target, capacityMs } = all;
    return { settings: { scenario, config, target, capacityMs }, plan };
  });

/** The options of a script. k6 reads those of its first initialisation alone: to make them for each virtual user would be waste. */
export const optionsOnce = (make: () => Options): Options => (__VU === 0 ? make() : {});
