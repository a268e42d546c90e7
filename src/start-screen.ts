import type { NewApiKeyDto } from './api-keys/api-keys.dto.js';

/**
 * What the terminal shows once requests are served. Not a log line: the key stands here once and in no log.
 *
 * @param key the first API key, on the very first start.
 * @param isGiven whether its value came from the environment, and so needs no showing.
 * @param setup the secret of a link for the first owner, while there is none.
 */
export function startScreen(
  url: string,
  key: NewApiKeyDto | null,
  isGiven: boolean,
  setup: string | null = null,
): string {
  const lines = ['', '  Tooken is running.', '', `  API   ${url}`, `  Docs  ${url}/docs`];
  if (key !== null && isGiven) lines.push(`  Key   ${key.hint} (from TOOKEN_BOOTSTRAP_API_KEY)`);
  if (key !== null && !isGiven) {
    lines.push('', '  Your first API key, shown this once and never again:', '', `  ${key.key}`);
  }
  if (setup !== null) {
    lines.push(
      '',
      '  Make the first owner of the dashboard here, within 30 minutes:',
      '',
      `  ${url}/setup#${setup}`,
    );
  }
  return `${lines.join('\n')}\n\n`;
}
