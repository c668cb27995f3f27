// Runs TypeScript from source: `node -r ./build/register.js scripts/setup/main.ts`.
// The options are given here instead of looked up: ts-node searches tsconfig.json from the folder it is started in, and
// TypeScript 6 wants to be told the root folder, which is known here whatever that folder is.
const { resolve } = require('node:path');

require('ts-node').register({
  transpileOnly: true,
  skipProject: true,
  compilerOptions: {
    rootDir: resolve(__dirname, '..'),
    target: 'es2022',
    module: 'node16',
    moduleResolution: 'node16',
    esModuleInterop: true,
    resolveJsonModule: true,
  },
});
