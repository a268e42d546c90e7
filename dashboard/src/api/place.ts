import { useSyncExternalStore } from 'react';

export type Environment = 'live' | 'test';

/** Where the reader is: which workspace and which environment every request is about. */
export interface Place {
  workspaceId: string | null;
  environment: Environment;
}

const KEY = 'tooken-place';
const listeners = new Set<() => void>();
let place: Place = remembered();

export function currentPlace(): Place {
  return place;
}

/** Also tells other renders; queries are the caller's to reset. */
export function moveTo(change: Partial<Place>): void {
  place = { ...place, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(place));
  } catch {
    // Storage may be forbidden; then it is forgotten with the tab.
  }
  for (const listener of listeners) listener();
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, currentPlace);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function remembered(): Place {
  try {
    const { workspaceId, environment } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Place>;
    return { workspaceId: workspaceId ?? null, environment: environment === 'test' ? 'test' : 'live' };
  } catch {
    return { workspaceId: null, environment: 'live' };
  }
}
