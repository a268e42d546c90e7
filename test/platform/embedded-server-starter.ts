import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import ts from 'typescript';

const SOURCES = resolve('src/platform/database/embedded');

/** Starts the server for as long as it lives, and prints the port. */
const SCRIPT = `
import { startEmbedded } from './embedded-server.js';
const { port } = await startEmbedded({ dataDir: process.argv[2], onExit: () => undefined });
console.log(port);
`;

/**
 * A Node of its own that starts the embedded server and stays, to be killed. It needs JavaScript, which is made here
 * from the sources: a build may be missing or old.
 *
 * @param workshop a folder for that.
 */
export function spawnStarter(workshop: string, dataDir: string): ChildProcess {
  if (!existsSync(workshop)) compile(workshop);
  return spawn(process.execPath, [join(workshop, 'starter.js'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function compile(workshop: string): void {
  mkdirSync(workshop);
  writeFileSync(join(workshop, 'package.json'), '{"type":"module"}');
  symlinkSync(resolve('node_modules'), join(workshop, 'node_modules'));
  for (const name of readdirSync(SOURCES)) {
    const { outputText } = ts.transpileModule(readFileSync(join(SOURCES, name), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 },
    });
    writeFileSync(join(workshop, name.replace(/\.ts$/, '.js')), outputText);
  }
  writeFileSync(join(workshop, 'starter.js'), SCRIPT);
}

export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`It did not come to pass: ${condition.toString()}`);
    await delay(20);
  }
}
