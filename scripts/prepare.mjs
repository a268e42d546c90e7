import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, runQuietly } from './child.mjs';
import { exclusively } from './lock.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const at = (...parts) => join(ROOT, ...parts);
const LOCK = at('.preparing');
const BUILT = at('node_modules', '.tooken-built');
const ENTRY = at('dist', 'bundle', 'main.js');
const BUNDLE = at('scripts', 'bundle.mjs');
const DASHBOARD = at('dashboard');
const DASHBOARD_BUILT = at('node_modules', '.tooken-dashboard-built');
const DASHBOARD_ENTRY = at('dashboard', 'dist', 'index.html');
/** What says that we may not write here. */
const READ_ONLY = ['EROFS', 'EACCES', 'EPERM'];

/**
 * Makes a clone ready to run: its dependencies are installed, its sources are compiled. Cheap when they are.
 *
 * @param say gets a line before each thing that takes time.
 */
export async function prepare({ say = console.log } = {}) {
  await install({ say });
  await build({ say });
}

/** Brings node_modules in line with package-lock.json, if it is not. */
export function install({ say = console.log } = {}) {
  return unless(
    () => isInstalled(ROOT),
    (_say, onStart) => {
      say('Installing…');
      return layDependencies(ROOT, onStart);
    },
    say,
  );
}

/** The same for the dashboard's own: what is checked needs them, also where it was built long ago. */
export function installDashboard({ say = console.log } = {}) {
  return unless(
    () => isInstalled(DASHBOARD),
    (_say, onStart) => layDependencies(DASHBOARD, onStart),
    say,
  );
}

/** Compiles server and dashboard, whichever was made from other sources. */
export function build({ say = console.log } = {}) {
  return unless(() => isBuilt() && isDashboardBuilt(), compile, say);
}

/** Prints what went wrong and ends the process. */
export function fail(error) {
  console.error(error instanceof Fault ? error.message : error);
  process.exit(error.exitCode ?? 1);
}

/** Does the work unless it is done, one process at a time. */
async function unless(isDone, work, say) {
  // A container image holds what was built, and nothing to build it from.
  if (!existsSync(at('src')) && existsSync(ENTRY)) return;
  if (isDone()) return;
  try {
    await exclusively(LOCK, say, async (onStart) => {
      // Whoever held the lock before us may have done it.
      if (!isDone()) await work(say, onStart);
    });
  } catch (error) {
    if (!READ_ONLY.includes(error.code)) throw error;
    if (!existsSync(at('node_modules')) || !existsSync(ENTRY)) {
      throw new Fault(
        `Tooken has to be installed and built in ${ROOT}, which cannot be written to (${error.code}); start it once as the owner of that folder`,
      );
    }
    say(`${ROOT} cannot be written to: going on with what is there.`);
  }
}

async function layDependencies(folder, onStart) {
  // The build needs development dependencies, also where NODE_ENV says production.
  const flags = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const [npm, shell] = npmCommand();
  await runQuietly('The installation with npm ci', [...npm, ...flags], { cwd: folder, onStart, shell });
  mark(installed(folder), installHash(folder));
}

/** Both at once: while the one is computing, the other mostly waits for the network. */
async function compile(say, onStart) {
  say('Building…');
  const parts = [
    ...(isBuilt() ? [] : [compileServer(onStart)]),
    ...(isDashboardBuilt() ? [] : [compileDashboard(onStart)]),
  ];
  const failed = (await Promise.allSettled(parts)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function compileServer(onStart) {
  const hash = sourceHash();
  const nest = at('node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  await runQuietly('The build', [process.execPath, nest, 'build'], { cwd: ROOT, onStart });
  await runQuietly('The bundling', [process.execPath, BUNDLE], { cwd: ROOT, onStart });
  mark(BUILT, hash);
}

async function compileDashboard(onStart) {
  const hash = dashboardHash();
  if (!isInstalled(DASHBOARD)) await layDependencies(DASHBOARD, onStart);
  const vite = join(DASHBOARD, 'node_modules', 'vite', 'bin', 'vite.js');
  // Whoever builds it, a test run too, gets what is shipped.
  const env = { NODE_ENV: 'production' };
  await runQuietly('The build of the dashboard', [process.execPath, vite, 'build'], {
    cwd: DASHBOARD,
    onStart,
    env,
  });
  mark(DASHBOARD_BUILT, hash);
}

/** The npm that started us, since it may not be the one in the path. */
function npmCommand() {
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('npm-cli.js') && existsSync(npm)) return [[process.execPath, npm], false];
  return process.platform === 'win32' ? [['npm.cmd'], true] : [['npm'], false];
}

function isInstalled(folder) {
  if (read(installed(folder)) === installHash(folder)) return true;
  if (!isInstalledByHand(folder)) return false;
  mark(installed(folder), installHash(folder));
  return true;
}

function installed(folder) {
  return join(folder, 'node_modules', '.tooken-installed');
}

/** Whether npm's own note of what it has laid into node_modules says the same as package-lock.json. */
function isInstalledByHand(folder) {
  const present = JSON.parse(read(join(folder, 'node_modules', '.package-lock.json')) || '{}').packages;
  const { '': declared, ...wanted } = JSON.parse(read(join(folder, 'package-lock.json'))).packages;
  const manifest = JSON.parse(read(join(folder, 'package.json')));
  const same = (a = {}, b = {}) =>
    JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
  return (
    present !== undefined &&
    ['dependencies', 'devDependencies'].every((kind) => same(declared[kind], manifest[kind])) &&
    Object.entries(wanted).every(([path, { version, integrity, ...entry }]) => {
      const found = present[path];
      if (found === undefined) return (entry.optional || entry.devOptional) && !isForThisMachine(entry);
      return found.version === version && found.integrity === integrity;
    })
  );
}

/** Folders are copied from machine to machine, binaries and all. */
function isForThisMachine({ os, cpu, libc }) {
  return (
    libc === undefined && os?.includes(process.platform) === true && cpu?.includes(process.arch) === true
  );
}

function isBuilt() {
  return existsSync(ENTRY) && read(BUILT) === sourceHash();
}

function isDashboardBuilt() {
  return existsSync(DASHBOARD_ENTRY) && read(DASHBOARD_BUILT) === dashboardHash();
}

function installHash(folder) {
  return hashOf([join(folder, 'package.json'), join(folder, 'package-lock.json')])
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');
}

function sourceHash() {
  return hashOf([
    at('src'),
    at('tsconfig.json'),
    at('nest-cli.json'),
    BUNDLE,
    at('package-lock.json'),
  ]).digest('hex');
}

/** Without its generated types, which nothing is built from. */
function dashboardHash() {
  const names = ['src', 'public', 'index.html', 'vite.config.ts', 'compress.ts', 'package-lock.json'];
  const types = join(DASHBOARD, 'src', 'api', 'schema.d.ts');
  const paths = names.flatMap((name) => filesBelow(join(DASHBOARD, name)));
  return hashOf(paths.filter((path) => path !== types)).digest('hex');
}

/** Contents, not times: a checkout of an older version makes its files new. */
function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesBelow)) {
    const content = readFileSync(path);
    hash.update(`${relative(ROOT, path)}\0${content.length}\0`).update(content);
  }
  return hash;
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Without a mark the next start works more than it must; that is no reason not to start. */
function mark(path, content) {
  try {
    writeFileSync(path, content);
  } catch {
    // A clone that cannot be written to.
  }
}
