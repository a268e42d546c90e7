import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config/config.js';
import { withoutSecrets } from './secrets/secret.js';

/**
 * The product's log: one JSON object a line. Known places of credentials are redacted by path; and because a
 * secret may also hide in a message, every line is searched for the form of one before it leaves.
 */
export function makeLogger(
  level: Config['logLevel'],
  destination: DestinationStream = process.stdout,
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: [
        'authorization',
        '*.authorization',
        '*.*.authorization',
        'password',
        '*.password',
        'secret',
        '*.secret',
      ],
    },
    {
      write: (line: string) => {
        destination.write(withoutSecrets(line));
      },
    },
  );
}

/** Nest's own messages go the same way. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest passes the context last, and before it whatever belongs to the message. */
  private write(
    level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    const context = rest.at(-1);
    if (typeof message === 'string') this.logger[level]({ context }, message);
    else if (message instanceof Error) this.logger[level]({ context, err: message }, message.message);
    else this.logger[level]({ context, ...(message as object) }, rest.slice(0, -1).map(String).join(' '));
  }
}
