import { UserError } from '../../errors';
import type { Mode } from '../modes';
import { DURATION, PID, TARGET, URL } from '../options';

export const CPU: Mode = {
  name: 'cpu',
  about: 'functions that take the time',
  options: [TARGET, URL, PID, DURATION],
  subject: ({ target, pid }) => target ?? pid ?? 'server',
  run: () => Promise.reject(new UserError('not yet')),
};
