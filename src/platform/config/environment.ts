import { existsSync } from 'node:fs';
import { parseSecret } from '../secrets/secret.js';
import { readConfig, type Config } from './config.js';

/** Reads `.env`, if there is one, and the environment, which wins; checks both. */
export function readEnvironment(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readConfig(process.env, (text) => parseSecret(text)?.kind === 'api_key');
}
