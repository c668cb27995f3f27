export { comparisonHtml } from './comparison';
export { runHtml } from './run';
export { suiteHtml } from './suite';
