import { Resolver } from 'node:dns/promises';

/** Finds all addresses of a name; none, when it has none or nobody knows. */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<string[]>;

const PATIENCE = { timeout: 2_500, tries: 2 };

/**
 * Asks the name servers themselves. The system's own look-up would hold one of Node's four threads, which hash passwords
 * and read files, for as long as a name server that somebody else chose keeps silent.
 */
export const resolveName: ResolveName = async (name, signal) => {
  const resolver = new Resolver(PATIENCE);
  const cancel = (): void => {
    resolver.cancel();
  };
  signal.addEventListener('abort', cancel);
  try {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  } finally {
    signal.removeEventListener('abort', cancel);
  }
};
