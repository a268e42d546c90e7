import { readFileSync } from 'node:fs';

/**
 * Ends the process with one sentence when this Node is too old. Kept in words that old ones understand, and
 * imported before anything else is, since the rest is not.
 */
export function requireNode() {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const wanted = numbers(engines.node);
  const found = numbers(process.versions.node);
  if (found[0] > wanted[0] || (found[0] === wanted[0] && found[1] >= wanted[1])) return;
  console.error(
    `Tooken needs Node.js ${wanted[0]}.${wanted[1]} or newer, and this is ${process.version}; install a newer one from https://nodejs.org`,
  );
  process.exit(1);
}

function numbers(version) {
  return version
    .replace(/^[^\d]*/, '')
    .split('.')
    .map(Number);
}
