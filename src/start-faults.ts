import { ConfigFault } from './platform/config/config.js';
import { StartFault } from './platform/database/embedded/start-fault.js';
import { isOutOfReach } from './platform/database/unavailable.js';

/** A fault that the operator can mend, in one clear sentence; null for anything else, which is ours. */
export function inWords(error: unknown): string | null {
  if (error instanceof StartFault || error instanceof ConfigFault) return error.message;
  const { code, message, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const place = `Port ${String(port)} on ${String(address)}`;
  if (code === 'EADDRINUSE') return `${place} is taken; stop what uses it, or set PORT to another.`;
  if (code === 'EACCES') return `${place} may not be used by this user; set PORT to one above 1023.`;
  // Of several addresses that were tried, Node says nothing but the code.
  if (isOutOfReach(error))
    return `The database cannot be reached: ${message === '' ? String(code) : message}`;
  return null;
}
