import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../errors';
import { addOverrideOptions, overridesOf } from '../overrides/flags';
import { makeFolder, writeTextAtomically } from '../result/files';
import { judgeCommand } from './judge-command';
import { type Manifest, manifests } from './manifests';
import { nextSteps } from './next-steps';
import { clusterRun } from './request';
import { shareText } from './share';

interface WriteFlags {
  readonly parallelism: string;
  readonly namespace?: string;
  readonly image?: string;
  readonly output?: string;
  readonly [override: string]: unknown;
}

/** What Kubernetes takes as the name of a namespace. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** A tag, or a digest: without either it would be whatever is newest on the day. */
const PINNED_IMAGE = /^[^\s@:]+(:\d+\/[^\s@:]+)?(:(?!latest$)\w[\w.-]*(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/;
const DEFAULT_PODS = '4';

/** `fiml-perf k8s`: a load on the pods of a cluster, by k6-operator. */
export function k8sCommand(): Command {
  const command = new Command('k8s')
    .description("write the manifests by which k6-operator divides a load among a cluster's pods; sends nothing")
    .argument('[scenario]', 'only load can be divided', 'load')
    .option('--parallelism <pods>', 'pods that share the load, each with a k6 of its own', DEFAULT_PODS)
    .option('--namespace <name>', 'namespace of all that is made; default: that of kubectl')
    .option(
      '--image <image>',
      "the suite's own image, by tag or digest (deploy/Dockerfile): judges in the cluster as well",
    )
    .option('--output <folder>', 'folder for the manifests, one file each, instead of standard output');
  addOverrideOptions(command);
  command.addCommand(judgeCommand());
  return command.addHelpText('after', HELP).action((scenario: string, flags: WriteFlags) => write(scenario, flags));
}

const HELP = `
Examples:
  fiml-perf k8s load --profile high --parallelism 4 --target http://fiml.default.svc:8000 --output k8s-run
  fiml-perf k8s judge copy-of-the-volume --segments k8s-run/segments.json    its verdict; --wait 20m for one that still runs
`;

function write(scenario: string, flags: WriteFlags): void {
  const { parallelism, namespace = null, image = null, output = null } = flags;
  const problems: string[] = [];
  if (!/^\d{1,4}$/.test(parallelism) || Number(parallelism) < 2) {
    problems.push(
      `--parallelism must be a whole number of at least 2, not ${JSON.stringify(parallelism)}; one k6 is fiml-perf run`,
    );
  }
  if (namespace !== null && !DNS_LABEL.test(namespace)) {
    problems.push(
      `--namespace ${JSON.stringify(namespace)} is no name of a namespace: small letters, digits and hyphens`,
    );
  }
  if (image !== null && !PINNED_IMAGE.test(image)) {
    problems.push(`--image ${JSON.stringify(image)} must name one version, by a tag other than latest or by @sha256:…`);
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  const { run, plan } = clusterRun({
    scenario,
    env: process.env,
    flags: overridesOf(flags),
    parallelism: Number(parallelism),
    namespace,
    image,
    now: new Date(),
  });
  const files = manifests(run);
  if (output === null)
    process.stdout.write(files.flatMap(({ text, isPart }) => (isPart ? [`---\n${text}`] : [])).join(''));
  else keep(output, files);
  // Standard output may go on to kubectl.
  process.stderr.write(`${shareText(plan, run.parallelism)}\n\n${nextSteps(run, output)}`);
}

/** @throws UserError when they cannot be written. */
function keep(folder: string, files: readonly Manifest[]): void {
  makeFolder(folder, `--output: ${folder}`);
  for (const { file, text } of files) writeTextAtomically(join(folder, file), text);
}
