/** One project a level of truth: `npx jest --selectProjects unit` is the quick one. */
const shared = {
  testEnvironment: 'node',
  // Types are checked once by `npm run typecheck`; checking them again per test file would triple the suite's time.
  // k6's modules exist in k6 only; of one a plain array does the same, of others nothing is needed where they are not mocked.
  moduleNameMapper: {
    '^k6/data$': '<rootDir>/test/support/k6-data.ts',
    '^k6/(execution|metrics)$': '<rootDir>/test/support/k6-modules.ts',
  },
  transform: { '^.+\\.ts$': ['ts-jest', { diagnostics: false, tsconfig: 'tsconfig.json' }] },
};

/** Of tests that start the suite's programs. */
const programs = { ...shared, globalSetup: '<rootDir>/test/support/build-programs.ts' };

module.exports = {
  // Every wait has a deadline of its own; this one ends a test that hangs all the same, on a machine however busy.
  testTimeout: 60_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    { ...programs, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.test.ts'] },
    // Verdicts about times: two files at a time, of which most make one load after the other.
    { ...programs, displayName: 'timing', testMatch: ['<rootDir>/test/timing/**/*.test.ts'] },
    // What counts each iteration, or starves k6: no other load runs beside it.
    { ...programs, displayName: 'alone', testMatch: ['<rootDir>/test/alone/**/*.test.ts'] },
    // Proofs that take minutes each: `make test-long`.
    { ...programs, displayName: 'long', testMatch: ['<rootDir>/test/long/**/*.test.ts'] },
  ],
};
