/** What is wrong with node_modules under a root, or undefined. */
export function dependenciesProblem(root: string): string | undefined;
/** Whether the last set-up finished, with this very lock file. */
export function isInstalled(root: string): boolean;
