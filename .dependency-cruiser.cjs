/**
 * The house's arrows: they only point down.
 *
 *   app (files directly in src/) → auth → founding, leaks, oauth → features → foundations → platform
 *
 * A new folder in src/ belongs on one of these floors; put its name here in the same commit.
 */
const features = 'api-keys|tokens|verification|webhooks|workspaces|people';
const foundations = 'credentials|scopes|audit-log|idempotency';
/** Each ties features together: a workspace comes with its first key, a leaked value is a key's or a token's, OAuth has words for all of it. */
const founding = 'founding|leaks|oauth';
const known = `platform|${foundations}|${features}|${founding}|auth`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Two files that need each other are one idea, or a third is hiding. Types count too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'platform-is-a-leaf',
      comment: 'The platform knows nothing of keys or tokens.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/', pathNot: '^src/platform/' },
    },
    {
      name: 'foundations-rest-on-each-other-and-platform',
      comment:
        'credentials, scopes, audit-log and idempotency carry the house together: reading the log requires a scope, changing a scope is audited. no-circular keeps it from becoming a knot.',
      severity: 'error',
      from: { path: `^src/(${foundations})/` },
      to: { path: '^src/', pathNot: `^src/(${foundations}|platform)/` },
    },
    {
      name: 'features-are-strangers',
      comment: 'What two features need stands below them, what ties them together stands above.',
      severity: 'error',
      from: { path: `^src/(${features})/` },
      to: { path: `^src/(${features})/`, pathNot: '^src/$1/' },
    },
    {
      name: 'nothing-below-imports-auth',
      comment: 'Decorators below, enforcement above: a feature says what it requires, auth reads it.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/auth/' },
      to: { path: '^src/auth/' },
    },
    {
      name: 'nothing-below-imports-what-ties',
      comment: 'Features do not know what is made of them.',
      severity: 'error',
      from: { path: `^src/(platform|${foundations}|${features})/` },
      to: { path: `^src/(${founding})/` },
    },
    {
      name: 'nothing-imports-app',
      comment: 'The files directly in src/ put the house together; nobody within it needs them.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+$' },
    },
    {
      name: 'every-folder-has-a-floor',
      comment: 'A folder the rules above do not know would be free to import anything.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${known})/` },
      to: {},
    },
    {
      name: 'no-orphans',
      comment: 'Imports nothing and is imported by nobody: forgotten, or not yet wired up.',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'no-dev-dependencies',
      comment: 'A server installed without development packages would not start.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'Found only because another package happens to bring it: declare it in package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable',
      comment: 'A wrong name in an import makes every rule above blind to it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports that vanish on compiling are arrows all the same.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
