/**
 * Joins the compiled modules and the packages they use into few files, `dist/bundle/`, which is what is run. Reading in
 * some 1,900 files one by one took two thirds of every start (docs/decisions/0025-run-from-a-bundle.md).
 */
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

const bundle = await rolldown({
  input: {
    main: dist('main.js'),
    cli: dist('cli.js'),
    // A thread is started from a file of its own, which `sequencer.ts` finds beside itself.
    'sequencer-thread': dist('audit-log/sequencing/sequencer-thread.js'),
  },
  platform: 'node',
  // Machine code; a form of module that cannot be joined; and what is read in late, when another build may lie here.
  external: [/^@node-rs\/argon2/, /^pg-native$/, /^jsonc-parser$/, /^@simplewebauthn\/server$/],
  // Packages name others that they use where they are installed; here they are not.
  onLog: (level, log, tell) => {
    if (log.code !== 'UNRESOLVED_IMPORT' && log.code !== 'EVAL') tell(level, log);
  },
});
await bundle.write({ dir: dist('bundle'), format: 'esm', comments: false });
