import { useEffect, useState } from 'react';
import { placeHeaders } from '../../api/client.ts';
import type { AuditEvent } from '../../api/types.ts';

const KEPT = 200;
const RETRY_MS = 2_000;

export interface Tail {
  /** Arrived since it was switched on, newest first. */
  events: AuditEvent[];
  isConnected: boolean;
}

/** Follows the log as server-sent events; none is skipped, also over a broken connection. */
export function useTail(isOn: boolean, admit: (event: AuditEvent) => boolean): Tail {
  const [events, setEvents] = useState<AuditEvent[]>([]);
  const [isConnected, setConnected] = useState(false);
  useEffect(() => {
    if (!isOn) return undefined;
    setEvents([]);
    const ending = new AbortController();
    void follow(ending.signal, setConnected, (event) => {
      if (admit(event)) setEvents((known) => [event, ...known].slice(0, KEPT));
    });
    return () => {
      ending.abort();
      setConnected(false);
    };
  }, [isOn, admit]);
  return { events, isConnected };
}

async function follow(
  signal: AbortSignal,
  onConnection: (isConnected: boolean) => void,
  onEvent: (event: AuditEvent) => void,
): Promise<void> {
  let last: AuditEvent['index'] = null;
  while (!signal.aborted) {
    try {
      const query: string = last === null ? '' : `?after_index=${String(last)}`;
      const response: Response = await fetch(`/v1/audit-events/tail${query}`, {
        headers: placeHeaders(),
        signal,
      });
      if (!response.ok || response.body === null) return;
      onConnection(true);
      for await (const event of eventsOf(response.body)) {
        last = event.index;
        onEvent(event);
      }
    } catch {
      // Broken; taken up again below where it was.
    }
    onConnection(false);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** WHATWG HTML §9.2, as far as this server uses it. */
async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<AuditEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames = (rest + value).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const data = frame.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) yield JSON.parse(data.slice('data: '.length)) as AuditEvent;
    }
  }
}
