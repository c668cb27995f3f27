import { startProgram } from '../program';
import { ingestCommand } from './command';

// `fiml-perf ingest` alone: the code of all other commands takes more memory than reading samples does.
startProgram([ingestCommand]);
