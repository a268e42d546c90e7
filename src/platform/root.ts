import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The product's folder. It is looked for: this very file is at one depth as a module, and at another in a bundle. */
export const ROOT = folderOf('package.json', dirname(fileURLToPath(import.meta.url)));

function folderOf(name: string, from: string): string {
  if (existsSync(join(from, name))) return from;
  const above = dirname(from);
  if (above === from) throw new Error(`there is no ${name} above ${import.meta.url}`);
  return folderOf(name, above);
}
