import type { KeyObject } from 'node:crypto';
import type { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config/config.js';
import { parsePublicKeys } from '../platform/config/public-keys.js';
import { unavailable } from '../platform/database/unavailable.js';

const KEYS_URL = 'https://api.github.com/meta/public_keys/secret_scanning';
const FETCH_LIMIT_MS = 2_000;
const MAX_BYTES = 64 * 1024;
/** A key that GitHub has taken back is honoured no longer than this. */
const KEEP_MS = 3_600_000;
/** An id that nobody knows makes us ask again, but not as often as somebody may make ids up. */
const ASK_AGAIN_MS = 60_000;

type Keys = ReadonlyMap<string, KeyObject>;

/** The keys that GitHub's secret scanning signs with: given by the operator, or fetched and kept for an hour. */
export class GithubKeys {
  private keys: Keys = new Map();
  private askedAt = -Infinity;
  private asking: Promise<Keys> | null = null;

  /** @param load what reads GitHub's document; takes no longer than a request may wait. */
  constructor(
    private readonly setting: Config['githubSecretScanningKeys'],
    private readonly clock: Clock,
    private readonly load: () => Promise<string> = fetchKeys,
  ) {}

  get isConfigured(): boolean {
    return this.setting !== null;
  }

  /**
   * The key of this id, or null if GitHub has none.
   *
   * @throws Problem `unavailable` when the keys cannot be fetched: then it may be a good one.
   */
  async find(id: string): Promise<KeyObject | null> {
    if (this.setting === null) return null;
    if (this.setting !== 'fetch') return this.setting.get(id) ?? null;
    const age = Math.abs(this.clock.now() - this.askedAt);
    if (age < KEEP_MS && (this.keys.has(id) || age < ASK_AGAIN_MS)) return this.keys.get(id) ?? null;
    return (await this.ask()).get(id) ?? null;
  }

  /** Whoever waits at the same time shares one answer. */
  private ask(): Promise<Keys> {
    return (this.asking ??= this.fetched().finally(() => {
      this.asking = null;
    }));
  }

  private async fetched(): Promise<Keys> {
    try {
      const keys = parsePublicKeys(await this.load());
      if (keys === undefined) throw new Error('GitHub answers no keys that can be read');
      this.askedAt = this.clock.now();
      return (this.keys = keys);
    } catch (cause) {
      throw unavailable(cause);
    }
  }
}

async function fetchKeys(): Promise<string> {
  const answer = await fetch(KEYS_URL, {
    headers: { accept: 'application/json', 'user-agent': 'tooken' },
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_LIMIT_MS),
  });
  if (!answer.ok) throw new Error(`GitHub's keys: ${String(answer.status)}`);
  const text = await answer.text();
  if (text.length > MAX_BYTES) throw new Error(`GitHub's keys: more than ${String(MAX_BYTES)} characters`);
  return text;
}
