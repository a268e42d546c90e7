import type { Caller } from './caller.js';

let count = 0;

/**
 * An address of a network that nobody else has got, for `X-Forwarded-For`: a world believes it with
 * `TOOKEN_TRUST_PROXY=127.0.0.1`.
 */
export function anotherAddress(): string {
  count += 1;
  return `2001:db8:${(count >>> 16).toString(16)}:${(count & 0xffff).toString(16)}::1`;
}

/** A caller whose every request comes from another address, so that refusals never add up to a flood. */
export function fromEverywhere(caller: Caller): Caller {
  const send: Caller['send'] = (method, path, body) =>
    caller.with({ 'x-forwarded-for': anotherAddress() }).send(method, path, body);
  return Object.assign(Object.create(caller) as Caller, { send });
}
