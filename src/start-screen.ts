import type { NewApiKeyDto } from './api-keys/api-keys.dto.js';

/**
 * What the terminal shows once requests are served. Not a log line: the key stands here once and in no log.
 *
 * @param key the first API key, on the very first start.
 * @param isGiven whether its value came from the environment, and so needs no showing.
 */
export function startScreen(url: string, key: NewApiKeyDto | null, isGiven: boolean): string {
  const lines = ['', '  Tooken is running.', '', `  API   ${url}`, `  Docs  ${url}/docs`];
  if (key !== null && isGiven) lines.push(`  Key   ${key.hint} (from TOOKEN_BOOTSTRAP_API_KEY)`);
  if (key !== null && !isGiven) {
    lines.push('', '  Your first API key, shown this once and never again:', '', `  ${key.key}`);
  }
  return `${lines.join('\n')}\n\n`;
}
