export { endpointOf, k6OutputEnv } from './endpoint';
export { push } from './push';
export { afterRun, type RunLabels } from './samples';
export { openStream, type Stream } from './stream';
