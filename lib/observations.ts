import { Counter } from 'k6/metrics';

/** How many samples a series should have, counted beside it by its name: k6 passes any threshold on a series without samples. */
export const observations = new Counter('fiml_observations');
