import { Checked } from './fields.js';
import { instant } from './instant.js';

/** Unix milliseconds; set for the duration of one validation, which is synchronous. */
let moment = 0;

/** Runs a validation whose fields may ask what time it is. */
export function at<T>(now: number, validate: () => T): T {
  moment = now;
  return validate();
}

/** The moment at which the body being judged arrived, in Unix milliseconds. */
export function now(): number {
  return moment;
}

/** The moment must lie ahead: at it, it is over already. */
export function InFuture(): PropertyDecorator {
  return Checked('date-time', (text) => (instant(text) > now() ? null : 'must be in the future'));
}
