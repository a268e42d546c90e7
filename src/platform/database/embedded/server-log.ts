import { copyFile, open, rename, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './start-fault.js';

const MAX_BYTES = 20 * 1024 * 1024;
const CHECK_MS = 60_000;

/** PostgreSQL's log in `<dataDir>/postgres.log`; the one before it is kept as `postgres.log.1`. */
export class ServerLog {
  private constructor(
    readonly file: string,
    /** For the server to write to. */
    readonly descriptor: number,
    readonly close: () => Promise<void>,
  ) {}

  static async open(dataDir: string): Promise<ServerLog> {
    const file = join(dataDir, 'postgres.log');
    await rename(file, `${file}.1`).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
    // Appending, so that the server writes on at the start of a file that was emptied under it.
    const handle = await open(file, 'a', 0o600);
    return new ServerLog(file, handle.fd, () => handle.close());
  }

  /** Sees to it that the log of a server that runs for years does not fill the disk. Returns how to end that. */
  keepSmall(): () => void {
    const timer = setInterval(() => void this.rotateIfLarge().catch(() => undefined), CHECK_MS).unref();
    return () => clearInterval(timer);
  }

  /** Why the server ended: its last words of weight, with what it explains beside them. */
  async lastWords(): Promise<string> {
    const handle = await open(this.file, 'r');
    try {
      const lines = (await handle.readFile('utf8')).split('\n');
      const fatal = lines.findLastIndex((line) => /(FATAL|PANIC|ERROR):/.test(line));
      const words = fatal < 0 ? lines.filter((line) => line !== '').slice(-1) : lines.slice(fatal, fatal + 2);
      return words
        .filter((line) => /(FATAL|PANIC|ERROR|DETAIL):/.test(line) || fatal < 0)
        .map((line) => line.replace(/^.*?(FATAL|PANIC|ERROR|DETAIL): +/, ''))
        .join('; ');
    } finally {
      await handle.close();
    }
  }

  private async rotateIfLarge(): Promise<void> {
    if ((await stat(this.file)).size < MAX_BYTES) return;
    await copyFile(this.file, `${this.file}.1`);
    await truncate(this.file);
  }
}
