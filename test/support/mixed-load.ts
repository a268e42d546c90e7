import type { Asked } from '../crash/judge.js';
import { Caller, type Answer } from './caller.js';
import { DEEDS, type Deed, type Tenant } from './load-deeds.js';

/** One request of the load: what the judge looks at, and how long its caller waited. */
export interface LoadedAsk extends Asked {
  ms: number;
}

const AT_ONCE = 16;
const BAG = DEEDS.flatMap((deed) => Array.from({ length: deed.weight }, () => deed));

/**
 * Many callers at once who do everything there is to do, as fast as they are answered. Each request has an id of its
 * own, by which it is found again, and an address of its own, so that no refusal is one of a flood.
 */
export class MixedLoad {
  readonly asked: LoadedAsk[] = [];
  private isOver = false;
  private readonly callers: Promise<void>[];

  /** @param name that all its request ids begin with. */
  constructor(
    private readonly url: string,
    private readonly tenants: readonly Tenant[],
    private readonly name: string,
  ) {
    this.callers = Array.from({ length: AT_ONCE }, () => this.ask());
  }

  get answered(): number {
    return this.asked.filter(({ answer }) => answer !== null).length;
  }

  /** Begins nothing more; returns when nothing is under way. */
  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.callers);
  }

  /** One caller: until the load is over, or nobody answers any more. */
  private async ask(): Promise<void> {
    while (!this.isOver) {
      const deed = oneOf(BAG);
      const tenant = oneOf(this.tenants);
      if (deed.needs !== undefined && tenant[deed.needs].length === 0) continue;
      const number = this.asked.length;
      const requestId = `${this.name}-${number}`;
      const { action, events = 1 } = deed;
      const ask: LoadedAsk = { requestId, action, events, answer: null, ms: 0 };
      this.asked.push(ask);
      const began = performance.now();
      // Only a complete answer is one: a body that breaks off is refused by the client.
      const answer = await deed.ask(this.as(tenant, requestId, number), tenant, requestId).catch(() => null);
      ask.ms = performance.now() - began;
      if (answer === null) return;
      ask.answer = { status: answer.status, outcomes: outcomesOf(deed, answer) };
    }
  }

  private as(tenant: Tenant, requestId: string, number: number): Caller {
    return new Caller(this.url, {
      authorization: `Bearer ${tenant.key}`,
      'x-request-id': requestId,
      'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    });
  }
}

/** How the log must say that this ended (contract §6). */
function outcomesOf(deed: Deed, { status, body }: Answer): ('success' | 'denied' | 'failure')[] {
  if ([401, 403, 429].includes(status)) return ['denied'];
  if (status >= 400) return ['failure'];
  return deed.outcomes?.(body) ?? ['success'];
}

function oneOf<Each>(all: readonly Each[]): Each {
  return all[Math.floor(Math.random() * all.length)]!;
}
