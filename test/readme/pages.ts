import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve('.');
/** Pages at the root; everything below docs/ is one too. */
const AT_ROOT = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];

/** A page of the documentation. */
export interface Page {
  /** From the repository's root. */
  path: string;
  text: string;
}

/** A fenced block. */
export interface Block {
  /** Of its first line of content; the first line of a page is 1. */
  line: number;
  /** What stands behind the fence: `sh run`, `json`. */
  info: string;
  text: string;
}

/** A block marked `sh run`, and what the page says it prints. */
export interface Example {
  line: number;
  script: string;
  /** The very next block, if it is `json` or `text`; null = it prints nothing. */
  output: Block | null;
}

export function pages(): Page[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => join('docs', name));
  return [...AT_ROOT, ...below].map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

export function blocksOf({ text }: Page): Block[] {
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length + 1,
    info: match[1]!.trim(),
    text: match[2]!,
  }));
}

export function examplesOf(page: Page): Example[] {
  const blocks = blocksOf(page);
  return blocks.flatMap(({ info, line, text }, at) => {
    if (info !== 'sh run') return [];
    const next = blocks[at + 1];
    const hasOutput = next?.info === 'json' || next?.info === 'text';
    return [{ line, script: text, output: hasOutput ? next : null }];
  });
}
