import { spawn, spawnSync } from 'node:child_process';

/** Between the outputs of two scripts; no answer holds it. */
const SEPARATOR = '\u001e';

export const hasCurl = spawnSync('curl', ['--version']).error === undefined;

/**
 * Runs scripts one after the other in one shell, as a reader would in one terminal: what one sets, the next one
 * has. Of the environment only PATH is kept, for a proxy or a configuration of whoever runs this must not count.
 *
 * @returns what each has printed.
 * @throws when anything complained.
 */
export async function runInOneShell(scripts: readonly string[]): Promise<string[]> {
  const bare = `exec env -i PATH="$PATH" HOME=/nonexistent LC_ALL=C.UTF-8 sh -s`;
  const shell = spawn('sh', ['-c', bare], { stdio: 'pipe' });
  let printed = '';
  let complaints = '';
  shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  shell.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaints += chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    shell.once('error', reject).once('close', resolve);
  });
  shell.stdin.end(scripts.map((script) => `${script}\nprintf '\\036'\n`).join(''));
  const code = await ended;
  if (code !== 0 || complaints !== '') throw new Error(`sh ended with ${String(code)}: ${complaints}`);
  return printed.split(SEPARATOR).slice(0, -1);
}
