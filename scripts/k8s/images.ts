import { PINNED_VERSION } from '../setup';

/** Grafana's own image of the k6 that set-up pins. The operator's default is the newest, whichever that is. */
export const K6_IMAGE = `grafana/k6:${PINNED_VERSION}`;

/** Releases the pods of a run, with curl; the operator's default is again the newest. */
export const STARTER_IMAGE = 'ghcr.io/grafana/k6-operator:starter-v1.6.0';

/** Where `deploy/Dockerfile` puts the suite. */
export const SUITE_FOLDER = '/suite';
