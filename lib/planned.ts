import type { Options } from 'k6/options';
import type { RunPlan } from '../profiles';
import { readPlan, readSettings } from './once';
import type { AllSettings, Settings } from './settings';
import { shared } from './shared';

/**
 * A plan as far as virtual users need it: without what k6 alone is told, by the script's options, of which each of them would hold
 * a dozen objects for nothing.
 */
export type UserPlan<Plan> = Omit<Plan, 'stages' | 'vuCeiling' | 'expectedIterations'>;

/** What was decided. */
export interface Planned<Plan> {
  readonly settings: Settings;
  readonly plan: UserPlan<Plan>;
  /**
   * The options of the script. k6 reads those of its first initialisation alone: to make them for each virtual user would be
   * waste.
   *
   * @param make from the whole plan.
   */
  optionsOf(make: (plan: Plan) => Options): Options;
}

/**
 * The settings and the plan of a scenario, made once for all virtual users; k6 init code.
 *
 * @param planOf what JSON can hold.
 * @throws Error with every problem, which k6 prints before it ends with 107.
 */
export function planned<Plan extends RunPlan>(
  scenario: string,
  planOf: (settings: AllSettings) => Plan,
): Planned<Plan> {
  let whole: Plan | undefined;
  const { settings, plan } = shared<Pick<Planned<Plan>, 'settings' | 'plan'>>(`plan of ${scenario}`, () => {
    const all = readSettings(scenario);
    whole = readPlan(all, () => planOf(all));
    const { config, target, capacityMs } = all;
    // JSON leaves out what is undefined.
    const plan = { ...whole, stages: undefined, vuCeiling: undefined, expectedIterations: undefined };
    return { settings: { scenario, config, target, capacityMs }, plan };
  });
  return { settings, plan, optionsOf: (make) => (whole === undefined ? {} : make(whole)) };
}
