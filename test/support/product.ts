import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Caller } from './caller.js';

/** Long, since the machine may be busy: what counts is that it comes to pass, not how soon. */
const PATIENCE_MS = 60_000;
const POLL_MS = 20;

const KEY = /^ {2}(tok_(?:live|test)_[0-9A-Za-z]{36})$/m;

export type Settings = Readonly<Record<string, string>>;

/** Nothing of what a developer has set, be it in the shell or in `.env`, may reach the product under test. */
const UNSET: Settings = Object.fromEntries(
  [
    ...['HOST', 'PORT', 'DATABASE_URL', 'DATABASE_MIGRATION_URL', 'LOG_LEVEL', 'NODE_OPTIONS'],
    ...['DATA_DIR', 'SECRET_KEY', 'BOOTSTRAP_API_KEY', 'ADMIN_EMAIL', 'ADMIN_PASSWORD'].map(tooken),
    ...[
      'PUBLIC_URL',
      'LEGACY_CREDENTIALS',
      'TRUST_PROXY',
      'AUDIT_RETENTION_DAYS',
      'SIGNING_KEY',
      'WEBHOOK_ALLOW_PRIVATE',
    ].map(tooken),
  ].map((name) => [name, '']),
);

const folders: string[] = [];
const living = new Set<Program>();

/** A program of the product's, as a real process. */
export class Program {
  /** What it has printed so far. */
  output = '';
  errors = '';
  /** Settles with its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  exitCode: number | null | undefined;
  private endedBy: NodeJS.Signals | null = null;
  private readonly child: ChildProcess;

  /** @param command arguments of Node, or a whole command line when it does not begin with a script. */
  constructor(command: readonly string[], settings: Settings, cwd: string) {
    const isScript = command[0]?.endsWith('js') === true;
    const [program = '', ...args] = isScript
      ? [process.execPath, resolve(command[0]!), ...command.slice(1)]
      : command;
    this.child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...UNSET, PORT: '0', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    living.add(this);
    this.ended = new Promise((settle, fail) => {
      this.child.once('error', fail).once('close', (code, signal) => {
        living.delete(this);
        this.exitCode = code;
        this.endedBy = signal;
        settle(code);
      });
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  toString(): string {
    return `exit code ${String(this.exitCode ?? this.endedBy)}\n--- stdout\n${this.output}\n--- stderr\n${this.errors}`;
  }
}

/** The running product. */
export class Product {
  private constructor(
    readonly program: Program,
    readonly url: string,
    /** The first API key, if the start has shown one. */
    readonly key: string | null,
  ) {}

  /** Starts it and waits until it serves. */
  static async start(
    settings: Settings,
    { command = ['dist/bundle/main.js'], cwd = emptyFolder() } = {},
  ): Promise<Product> {
    const program = new Program(command, settings, cwd);
    await until(() => /^ {2}Docs /m.test(program.output) || program.exitCode !== undefined);
    const url = /^ {2}API {3}(\S+)$/m.exec(program.output)?.[1];
    if (url === undefined) throw new Error(`The product did not start: ${String(program)}`);
    return new Product(program, url, KEY.exec(program.output)?.[1] ?? null);
  }

  as(secret: string): Caller {
    return this.anonymous.with({ authorization: `Bearer ${secret}` });
  }

  get anonymous(): Caller {
    return new Caller(this.url);
  }

  /** @returns the exit code; null when the signal itself ended it. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.program.signal(signal);
    return this.program.ended;
  }
}

/** Runs a program that ends by itself. */
export async function run(
  command: readonly string[],
  settings: Settings,
  { cwd = emptyFolder() } = {},
): Promise<Program> {
  const program = new Program(command, settings, cwd);
  await until(() => program.exitCode !== undefined);
  return program;
}

/** A folder of a test's own, which PostgreSQL may pass through: as root it runs as another user. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tooken-product-'));
  chmodSync(folder, 0o711);
  folders.push(folder);
  return folder;
}

/** For `afterAll`: whatever a failed test has left behind. */
export async function cleanUp(): Promise<void> {
  const rest = [...living];
  for (const program of rest) program.signal('SIGKILL');
  await Promise.all(rest.map(({ ended }) => ended));
  for (const folder of folders.splice(0)) {
    await until(() => processesOn(folder).length === 0);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Polls: nothing here waits for time to pass. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not come to pass: ${condition.toString()}`);
    await delay(POLL_MS);
  }
}

/** Process ids of the PostgreSQL servers, and of their keepers, whose database lies below this folder. */
export function processesOn(folder: string): number[] {
  return commandLines()
    .filter(([, line]) => line.includes(folder))
    .map(([pid]) => pid);
}

/** Lines of the log: whatever it prints that is not the start screen. */
export function logLines(output: string): string[] {
  return output.split('\n').filter((line) => line !== '' && !line.startsWith('  '));
}

/** Every process there is. Linux is asked directly, since containers may have no `ps`. */
function commandLines(): [pid: number, line: string][] {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' });
    return stdout.split('\n').map((line) => [parseInt(line), line]);
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => {
    try {
      return [Number(pid), readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
    } catch {
      // It has just gone.
      return [Number(pid), ''];
    }
  });
}

function tooken(name: string): string {
  return `TOOKEN_${name}`;
}
