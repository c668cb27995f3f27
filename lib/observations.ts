import { Counter } from 'k6/metrics';

// Of a metric its function is all that is kept, here and elsewhere: the object around that takes as much memory again, in
// every virtual user, and each use of it would look the function up.
/** How many samples a series should have, counted beside it by its name: k6 passes any threshold on a series without samples. */
export const { add: addObservations } = new Counter('fiml_observations');
