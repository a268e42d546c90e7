import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import { Problem } from '../../platform/errors/problem.js';

/** Breaks an answer off whose caller would not be let in any more. */
export class NoLongerAdmitted extends Error {}

/**
 * The body of an answer, of which each chunk is made only when the socket has taken the one before. Not
 * `Readable.from`, which makes one more ahead: it would be made for a credential that is good now and be sent when it
 * may no longer be.
 */
export class PulledBody extends Readable {
  private readonly logger = new Logger(PulledBody.name);

  /**
   * @param chunks none of them empty.
   * @param begin called when the first of them is asked for.
   */
  constructor(
    private readonly chunks: AsyncGenerator<string>,
    private begin: (() => void) | null = null,
  ) {
    super({ highWaterMark: 0 });
  }

  override _read(): void {
    this.begin?.();
    this.begin = null;
    this.chunks.next().then(
      ({ done, value }) => this.push(done === true ? null : value),
      (error: unknown) => this.destroy(error as Error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.log(error);
    // It ends once what it is waiting for has come; nobody waits for that.
    this.chunks.return(undefined).catch(() => undefined);
    callback(error);
  }

  /** Its reader only sees the answer break off. */
  private log(error: Error | null): void {
    if (error === null || error instanceof NoLongerAdmitted) return;
    const cause = error instanceof Problem ? error.cause : error;
    this.logger.error({ err: cause }, 'an answer under way was broken off');
  }
}
