/**
 * `npm test`: everything that must hold, on a fresh clone with nothing but Node and npm there.
 *
 *   npm test                   installs, builds, checks types, lint, format, arrows and the API document, runs every test
 *   npm test -- test/scopes    installs, builds, and runs jest only, with these arguments
 *
 * Every check counts as one, beside jest's tests. The last line is always `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireNode } from './node-version.mjs';

requireNode();
const { Fault, Interrupted } = await import('./child.mjs');
const { fail, installDashboard, prepare } = await import('./prepare.mjs');

const root = join(import.meta.dirname, '..');
const bin = (path) => join(root, 'node_modules', path);
const tsc = bin('typescript/bin/tsc');
const jest = bin('jest/bin/jest.js');
const dashboard = join(root, 'dashboard');
const inDashboard = (path) => join(dashboard, 'node_modules', path);

/** Each is one or more Node programs, run one after the other. They do not touch each other's files. */
const checks = [
  {
    name: 'types',
    commands: [
      [tsc, '--noEmit'],
      [tsc, '--noEmit', '-p', 'test/tsconfig.json'],
      [inDashboard('typescript/bin/tsc'), '--noEmit', '-p', 'dashboard'],
    ],
  },
  { name: 'lint', commands: [[bin('eslint/bin/eslint.js'), '.']] },
  { name: 'format', commands: [[bin('prettier/bin/prettier.cjs'), '--check', '.']] },
  {
    name: 'arrows',
    commands: [
      [bin('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', 'src'],
    ],
  },
  { name: 'openapi', commands: [[bin('@redocly/cli/bin/cli.js'), 'lint', 'openapi/openapi.json']] },
];

const API_TYPES = ['openapi/openapi.json', '-o', 'dashboard/src/api/schema.d.ts'];

/** Two at a time: more would only take turns on a small machine. */
const CHECKS_AT_ONCE = 2;
/** How long jest may linger after its last test before something left open counts as a failure. */
const JEST_LINGERS_MS = 20_000;

const running = new Set();
let stopping = false;

/** Runs one Node program to its end. Its output is collected, or goes straight to the terminal with `live`. */
function run(args, { live = false } = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
    // A group of its own, so that stopping it also stops what it started (jest's workers, a PostgreSQL).
    detached: process.platform !== 'win32',
    // A check neither reports on us nor looks for something newer.
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const ended = new Promise((resolve) => {
    const end = (ok) => {
      running.delete(child);
      // What was interrupted has no result: nothing is reported, nothing new begins.
      if (!stopping) resolve({ ok, output });
    };
    child.on('error', (error) => {
      output += `${error.message}\n`;
      end(false);
    });
    child.on('close', (code) => end(code === 0));
  });
  return { ended, child };
}

function signalGroup(child, signal) {
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It ended in the meantime.
  }
}

/** From here on Ctrl-C ends all that we have started, and waits for it. Preparing looks after itself. */
function endChildrenOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, async () => {
      stopping = true;
      for (const child of running) signalGroup(child, 'SIGTERM');
      const patience = Date.now() + 5000;
      while (running.size > 0 && Date.now() < patience) await sleep(50);
      for (const child of running) signalGroup(child, 'SIGKILL');
      process.exit(128 + constants.signals[signal]);
    });
  }
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function report(ok, name, duration, remark = '') {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(8)} ${duration.padStart(8)}  ${remark}`.trimEnd());
}

async function check({ commands }) {
  const since = performance.now();
  let ok = true;
  let output = '';
  for (const command of commands) {
    const result = await run(command).ended;
    ok &&= result.ok;
    output += result.output;
  }
  return { ok, output, duration: seconds(since) };
}

/** Runs the checks side by side, and tells of them in their order. */
async function runChecks() {
  const slots = Array.from({ length: CHECKS_AT_ONCE }, () => Promise.resolve());
  const results = checks.map((one, index) => {
    const result = slots[index % CHECKS_AT_ONCE].then(() => check(one));
    slots[index % CHECKS_AT_ONCE] = result;
    return result;
  });
  const counts = { passed: 0, failed: 0 };
  for (const [index, { name }] of checks.entries()) {
    const { ok, output, duration } = await results[index];
    report(ok, name, duration);
    if (!ok) console.log(`\n${output.trimEnd()}\n`);
    counts[ok ? 'passed' : 'failed'] += 1;
  }
  return counts;
}

/** Jest speaks for itself while it runs; what it counted is read from its report. */
async function runJest(args) {
  const since = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'tooken-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'jest.json');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const { ended, child } = run([...flags, jest, '--json', `--outputFile=${file}`, ...args], { live: true });
  let lingers = false;
  const watch = setInterval(async () => {
    if (!existsSync(file)) return;
    clearInterval(watch);
    if (await Promise.race([ended, sleep(JEST_LINGERS_MS, null, { ref: false })])) return;
    lingers = true;
    signalGroup(child, 'SIGKILL');
  }, 1000);
  const { ok } = await ended;
  clearInterval(watch);

  const counted = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const passed = counted.numPassedTests ?? 0;
  // A file that could not even be loaded has no tests that could fail: it counts as one itself.
  let failed = (counted.numFailedTests ?? 0) + (counted.numRuntimeErrorTestSuites ?? 0);
  const remarks = [];
  if (counted.numPendingTests > 0) remarks.push(`${counted.numPendingTests} skipped`);
  if (counted.numTodoTests > 0) remarks.push(`${counted.numTodoTests} to do`);
  if (lingers) remarks.push('did not end by itself: a test left something open');
  if (passed + failed === 0) remarks.push('ran no test');
  // Whatever else made jest unhappy must not be lost among the tests that passed.
  if (failed === 0 && (!ok || passed === 0)) failed = 1;
  report(failed === 0, 'jest', seconds(since), remarks.join(', '));
  return { passed, failed };
}

/** Installs and builds what is not there yet. Counted only when it fails. */
async function makeReady() {
  const since = performance.now();
  try {
    const say = (line) => console.log(line);
    await prepare({ say });
    await installDashboard({ say });
    return true;
  } catch (error) {
    if (error instanceof Interrupted) fail(error);
    report(false, 'prepare', seconds(since));
    console.log(`\n${error instanceof Fault ? error.message : error.stack}\n`);
    return false;
  }
}

async function runAll(args) {
  const total = { passed: 0, failed: 0 };
  const count = ({ passed, failed }) => {
    total.passed += passed;
    total.failed += failed;
  };
  if (!(await makeReady())) count({ passed: 0, failed: 1 });
  // A source that does not compile is no reason not to hear the rest; without packages there is nothing to hear.
  if (!existsSync(jest)) return total;
  endChildrenOnSignals();
  if (args.length === 0) {
    // Types and lint of the dashboard both read what the API document says.
    await run([inDashboard('openapi-typescript/bin/cli.js'), ...API_TYPES]).ended;
    count(await runChecks());
  }
  count(await runJest(args));
  return total;
}

const { passed, failed } = await runAll(process.argv.slice(2));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
