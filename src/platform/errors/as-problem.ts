import { HttpException } from '@nestjs/common';
import { asUnavailable } from '../database/unavailable.js';
import { Problem } from './problem.js';

/**
 * Any thrown thing as the Problem its caller is told: our own as they are, what the framework says of a request
 * it could not read in our words, everything else as an `internal` that says no more.
 *
 * @param mediaType what the body should have been.
 */
export function asProblem(error: unknown, mediaType = 'application/json'): Problem {
  if (error instanceof Problem) return error;
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown }).statusCode;
  switch (status) {
    // What serves the documentation's files says so of paths that lead out of their folder.
    case 403:
    case 404:
      return Problem.notFound();
    case 413:
      return new Problem('payload_too_large', 'The body is larger than 64 KiB', { cause: error });
    case 415:
      return new Problem('unsupported_media_type', `The body must be ${mediaType}`, { cause: error });
    case 400:
      return Problem.invalid([{ field: '', message: 'the body does not have the length it announces' }]);
    default: {
      // Only now: a client that went away in the middle of its body looks like a lost database.
      const known = asUnavailable(error);
      return known instanceof Problem
        ? known
        : new Problem('internal', 'Something went wrong on our side', { cause: error });
    }
  }
}
