export { type ConformanceReport, conformance, conformanceExitCode } from './conformance';
export { type DoctorInput, type DoctorReport, diagnose, doctorExitCode } from './diagnose';
export type { Finding } from './finding';
export { type Preflight, type PreflightInput, preflight } from './preflight';
export { renderConformance, renderDoctor } from './render';
export { targetSnapshot } from './snapshot';
export { decode, seen } from './text';
