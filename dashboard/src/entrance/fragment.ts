import { useState } from 'react';

/**
 * The secret of a one-time link. It stands behind the `#`, so that no server and no log gets to see it, and is taken
 * out of the address at once, so that neither history nor a shared screen does.
 */
export function useFragmentSecret(): string {
  const [secret] = useState(() => location.hash.slice(1));
  if (location.hash !== '') history.replaceState(history.state, '', location.pathname);
  return secret;
}
