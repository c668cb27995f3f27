import { z } from 'zod';
import { UserError } from '../../errors';
import { writeJsonAtomically } from '../../result/files';
import { openInspector } from '../cpu/inspector';
import { callFrameSchema, frameOf } from '../cpu/node';
import { sourceOf } from '../cpu/source-maps';
import { type Frame, type Profile, profileBuilder } from '../stacks/profile';
import type { RuntimeMemory, SampleHeap } from './heap';

/** One allocation in as many bytes is looked at: V8's own default, which costs a busy server a few per cent at most. */
const EVERY_BYTES = 32_768;

interface HeapNode {
  readonly callFrame: z.output<typeof callFrameSchema>;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

const heapNodeSchema: z.ZodType<HeapNode> = z.object({
  callFrame: callFrameSchema,
  selfSize: z.number().nonnegative(),
  get children() {
    return z.array(heapNodeSchema);
  },
});
/** A `.heapprofile`: a tree of calls, and how much of what each allocated itself is still there. */
const heapProfileSchema = z.object({ head: heapNodeSchema });
const stoppedSchema = z.object({ profile: z.looseObject({}) });
const memoryUsageSchema = z.object({ result: z.object({ value: z.record(z.string(), z.number()) }) });

/** V8's sampling heap profiler, by the inspector of a running Node process. The profile is kept for Chrome's DevTools. */
export const nodeHeap: SampleHeap = async ({ pid }, _durationMs, file) => {
  const inspector = await openInspector(pid);
  const memoryUsage = async () => {
    const asked = { expression: 'process.memoryUsage()', returnByValue: true };
    return memoryUsageSchema.parse(await inspector.call('Runtime.evaluate', asked)).result.value;
  };
  try {
    const before = await memoryUsage();
    await inspector.call('HeapProfiler.startSampling', { samplingInterval: EVERY_BYTES });
    let seen: { readonly profile: object; readonly after: RuntimeMemory } | undefined;
    return {
      async end() {
        try {
          // V8 collects garbage before it answers, so that what is left is what is kept.
          const { profile } = stoppedSchema.parse(await inspector.call('HeapProfiler.stopSampling'));
          seen = { profile, after: await memoryUsage() };
        } finally {
          await inspector.close();
        }
      },
      async heap() {
        if (seen === undefined) throw new UserError("Node's heap sampler has not ended");
        writeJsonAtomically(file('memory', 'heapprofile'), seen.profile);
        return {
          about: `heap sampled by the inspector of Node, every ${EVERY_BYTES / 1024} KiB that JavaScript allocates`,
          kept: toStacks(heapProfileSchema.parse(seen.profile).head, sourceOf()),
          told: { before, after: seen.after },
          notes: [
            "Buffers and what native code allocates lie outside JavaScript's heap and are not sampled: arrayBuffers and external tell how much there is of them",
          ],
        };
      },
    };
  } catch (error) {
    await inspector.close();
    throw error;
  }
};

/**
 * A heap profile of V8 as stacks that weigh bytes.
 *
 * @param source where a place in a bundle comes from.
 */
export function toStacks(head: HeapNode, source: (frame: Frame, column: number) => Frame): Profile {
  const builder = profileBuilder();
  const add = (node: HeapNode, callers: readonly Frame[]): void => {
    const stack = [...callers, frameOf(node.callFrame, source)];
    if (node.selfSize > 0) builder.add(stack, node.selfSize);
    for (const child of node.children) add(child, stack);
  };
  // The root stands for nothing.
  for (const child of head.children) add(child, []);
  return builder.profile();
}
