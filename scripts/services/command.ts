import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../errors';
import { root } from '../root';
import { cacheFolder } from '../setup/cache';
import { COMPOSE_ADDRESSES, composeDown, composeUp, hasEngine, isComposed } from './compose';
import {
  type Addresses,
  endedIn,
  missingServices,
  readState,
  requirePrograms,
  ServicesHome,
  startIn,
  stopServices,
} from './index';
import { lives } from './process';

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** `fiml-perf services`. */
export function servicesCommand(): Command {
  const command = new Command('services').description(
    'Redis, PostgreSQL, an LLM stub and the reference server on them, with Toxiproxy before each, in the background; ' +
      'as containers where the programs are not installed and Docker runs',
  );
  command.command('up').description('start them, and print where they are as lines for a shell').action(up);
  command.command('down').description('stop them; nothing is left of them').action(down);
  command.command('env').description('print those lines again').action(env);
  return command;
}

const stateFile = (): string => join(cacheFolder(root, process.env, 'services'), 'state.json');
const composeNote = (): string => join(cacheFolder(root, process.env, 'services'), 'compose');

async function up(): Promise<void> {
  if (isComposed(composeNote())) {
    log('services: already up, as containers');
    print(COMPOSE_ADDRESSES);
    return;
  }
  const file = stateFile();
  const state = readState(file);
  if (state !== null) {
    if (state.addresses === null && lives(state.starter)) {
      throw new UserError(`the services are being started (by process ${state.starter.pid}): wait for that one`);
    }
    const ended = endedIn(state);
    if (state.addresses !== null && ended.length === 0) {
      log('services: already up');
      print(state.addresses);
      return;
    }
    log(`services: starting anew, ${ended.length > 0 ? `${ended.join(', ')} had ended` : 'a start was broken off'}`);
    await stopServices(file);
  }
  if (missingServices(process.env).length > 0 && hasEngine()) {
    log('services: not all programs are installed, so they are started as containers');
    composeUp(composeNote());
    print(COMPOSE_ADDRESSES);
    return;
  }
  requirePrograms(process.env);
  const home = ServicesHome.open(file);
  try {
    print(await startIn(home, { env: process.env, log }));
  } catch (error) {
    await home.stop();
    throw error;
  }
}

async function down(): Promise<void> {
  if (isComposed(composeNote())) {
    composeDown(composeNote());
    log('services: stopped');
    return;
  }
  const file = stateFile();
  if (readState(file) === null) {
    log('services: none are up');
    return;
  }
  await stopServices(file);
  log('services: stopped');
}

function env(): void {
  if (isComposed(composeNote())) {
    print(COMPOSE_ADDRESSES);
    return;
  }
  const state = readState(stateFile());
  if (state === null || state.addresses === null) {
    throw new UserError('the services are not up: fiml-perf services up');
  }
  const ended = endedIn(state);
  if (ended.length > 0) {
    throw new UserError(
      `the services are not whole, ${ended.join(', ')} had ended: fiml-perf services up starts them anew`,
    );
  }
  print(state.addresses);
}

function print({ url, toxiproxyUrl, controlUrl, redisUrl, databaseUrl }: Addresses): void {
  const variables = {
    PERF_TARGET: url,
    PERF_TOXIPROXY: toxiproxyUrl,
    PERF_CONTROL: controlUrl,
    REDIS_URL: redisUrl,
    DATABASE_URL: databaseUrl,
  };
  for (const [name, value] of Object.entries(variables)) process.stdout.write(`export ${name}=${value}\n`);
}
