import { existsSync } from 'node:fs';
import { readConfig, type Config } from './platform/config/config.js';
import { parseSecret } from './platform/secrets/secret.js';

/** Reads `.env`, if there is one, and the environment, which wins; checks both. */
export function readEnvironment(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readConfig(process.env, (text) => parseSecret(text)?.kind === 'api_key');
}
