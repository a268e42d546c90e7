import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from '@jest/globals';

/** What the verifier is asked; hashes and data as base64. See test/audit-log/proofs/go-verifier/main.go. */
export type GoQuestion =
  | { kind: 'note'; text: string; vkey: string }
  | { kind: 'inclusion'; leaf: string; index: number; size: number; root: string; path: string[] }
  | {
      kind: 'consistency';
      oldSize: number;
      oldRoot: string;
      newSize: number;
      newRoot: string;
      path: string[];
    };

export interface GoAnswer {
  ok: boolean;
  error?: string;
  /** The text of a note that is signed as it must be. */
  signed?: string;
}

const source = join(import.meta.dirname, '../audit-log/proofs/go-verifier/main.go');

/** Where Debian lays the sources of Go packages, to be found in the way of the time before modules. */
const GOPATH = '/usr/share/gocode';

let built: Promise<{ folder: string; program: string }> | undefined;

/** Whether Go and golang.org/x/mod are there (Debian: golang-go, golang-golang-x-mod-dev). */
export function goAvailable(): boolean {
  return existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb')) && spawnSync('go', ['version']).status === 0;
}

/** On continuous integration it must be there: a check that is passed over for good checks nothing. */
export const goExpected = Boolean(process.env.CI);

/** One answer a question, in order. The program is built at the first call and gone after the file's last test. */
export async function goVerify(questions: readonly GoQuestion[]): Promise<GoAnswer[]> {
  const { program } = await (built ??= build());
  const lines = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
  const answers = (await run(program, lines)).split('\n').slice(0, -1);
  if (answers.length !== questions.length) throw new Error('the verifier did not answer every question');
  return answers.map((line) => JSON.parse(line) as GoAnswer);
}

afterAll(async () => {
  if (built === undefined) return;
  const { folder } = await built;
  await rm(folder, { recursive: true, force: true });
});

async function build(): Promise<{ folder: string; program: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tooken-go-verifier-'));
  const program = join(folder, 'verify');
  // Neither modules nor another Go are looked for, and the user's settings do not count: nothing leaves the machine.
  const own = {
    GO111MODULE: 'off',
    GOPATH,
    GOENV: 'off',
    GOFLAGS: '',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
  };
  const env = { ...process.env, ...own, GOCACHE: join(folder, 'cache') };
  await promisify(execFile)('go', ['build', '-o', program, source], { env, cwd: folder });
  return { folder, program };
}

function run(program: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('error', reject).once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`the verifier ended with ${String(code)}`));
    });
    child.stdin.on('error', reject).end(input);
  });
}
