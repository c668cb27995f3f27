// The suite's own script, with users who ask again at once instead of a rate: what a core of k6 can send by it. Everything else
// (what they ask, classification, phases, tags, thresholds, probes, refills, monitor) is the script's.
import { options as own } from '../../dist/load.js';

export * from '../../dist/load.js';

// Only the first of k6's initialisations has any.
export const options = own.scenarios && {
  ...own,
  scenarios: {
    ...own.scenarios,
    traffic: {
      exec: 'traffic',
      executor: 'constant-vus',
      vus: Number(__ENV.BUSY_USERS),
      duration: __ENV.BUSY_DURATION,
      gracefulStop: own.scenarios.traffic.gracefulStop,
    },
  },
};
