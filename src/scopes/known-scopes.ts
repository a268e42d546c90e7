import { covers } from './covers.js';
import { isPattern, isReserved } from './grammar.js';

/**
 * Whether a scope is none of the workspace's; a pattern is known if it stands for something that is. Pure.
 *
 * @param known names of the catalogue.
 */
export function isUnknownScope(scope: string, known: ReadonlySet<string>): boolean {
  if (isReserved(scope) || known.has(scope)) return false;
  return !isPattern(scope) || ![...known].some((name) => covers([scope], name));
}
