import type { FlameNode } from '../flame-graph';
import type { Profile } from './profile';

/** A frame of one or two profiles at one place in the tree of calls. */
interface Branch {
  readonly name: string;
  readonly where: string;
  value: number;
  before: number;
  readonly children: Map<string, Branch>;
}

const branch = (name: string, where: string): Branch => ({ name, where, value: 0, before: 0, children: new Map() });

/** The stacks of a profile as a tree whose root is everything; values are ms. */
export function flameTree(profile: Profile): FlameNode {
  const root = branch('all', '');
  grow(root, profile, 1, 'value');
  return pure(root, false);
}

/**
 * The stacks of a profile, and of each how much more it takes than in an earlier one. Both count as much as the later one
 * lasted, so that a longer look, or a server with more to do, makes no difference by itself.
 *
 * @param scale by which times of the earlier profile are multiplied.
 */
export function differentialTree(earlier: Profile, later: Profile, scale: number): FlameNode {
  const root = branch('all', '');
  grow(root, later, 1, 'value');
  grow(root, earlier, scale, 'before');
  return pure(root, true);
}

/**
 * Deeper calls count for those that made them: no screen shows more, and a recursion of thousands would be too deep for whatever
 * goes through the tree by calling itself, JSON's own functions among them.
 */
const DEEPEST = 500;

function grow(root: Branch, { frames, stacks }: Profile, scale: number, sum: 'value' | 'before'): void {
  for (const stack of stacks) {
    const weight = stack.weight * scale;
    root[sum] += weight;
    let at = root;
    for (const place of stack.frames.slice(0, DEEPEST)) {
      const { name = '', file = '' } = frames[place] ?? {};
      // Without the line: a function that an edit has moved is the same function.
      const key = JSON.stringify([name, file]);
      let next = at.children.get(key);
      if (next === undefined) {
        next = branch(name, file);
        at.children.set(key, next);
      }
      next[sum] += weight;
      at = next;
    }
  }
}

/** What the earlier profile alone has takes no room in the later one, and is left out. */
function pure({ name, where, value, before, children }: Branch, isDifferential: boolean): FlameNode {
  return {
    name,
    where,
    value,
    ...(isDifferential ? { delta: value - before } : {}),
    children: [...children.values()].filter((child) => child.value > 0).map((child) => pure(child, isDifferential)),
  };
}
