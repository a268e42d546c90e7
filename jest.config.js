const swc = [
  '@swc/jest',
  {
    module: { type: 'es6' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
    sourceMaps: 'inline',
  },
];

const always = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/matchers.ts'],
};

/** Where tests declare classes of their own, decorators and all: those must be of one world with the sources. */
const OWN_CLASSES = '/test/platform/input/';

/** Tests are ES modules, and run against a real PostgreSQL and over real HTTP. */
export default {
  projects: [
    {
      ...always,
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
      testPathIgnorePatterns: [OWN_CLASSES],
      testEnvironment: '<rootDir>/test/support/product-environment.mjs',
      transform: {
        '/src/.+\\.ts$|/node_modules/@nestjs/.+\\.js$': '<rootDir>/test/support/product-transform.mjs',
        '/test/.+\\.ts$': swc,
      },
      transformIgnorePatterns: ['/node_modules/(?!@nestjs/)'],
    },
    {
      ...always,
      testMatch: [`<rootDir>${OWN_CLASSES}**/*.spec.ts`],
      testEnvironment: 'node',
      transform: { '\\.ts$': swc },
    },
  ],
  testTimeout: 30_000,
  maxWorkers: 2,
  // What a file leaves behind stays in its worker, which is shared; tidying up among a lot of it takes longer than a new start.
  workerIdleMemoryLimit: '800MB',
};
