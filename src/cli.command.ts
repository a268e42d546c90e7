import type { ParseArgsConfig } from 'node:util';

/** The command line asked for something it does not know, or wrongly. */
export class UsageFault extends Error {}

/** What was given by `--name value`, or by `--name` alone. */
export type Options = Record<string, string | boolean | undefined>;

/** One thing the command line can do. */
export interface Command {
  /** The word or two it begins with. */
  name: string;
  /** For the usage: what follows these words, and what it does. */
  usage: string;
  options: NonNullable<ParseArgsConfig['options']>;
  /**
   * Understands the words and options before anything is started.
   *
   * @returns what does it, and is given back what to print as JSON.
   * @throws UsageFault
   */
  read(words: readonly string[], options: Options): () => Promise<unknown>;
}
