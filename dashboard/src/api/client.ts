import createClient from 'openapi-fetch';
import { ApiError } from './api-error.ts';
import { askForConfirmation } from './confirmation.ts';
import { currentPlace } from './place.ts';
import type { paths } from './schema.d.ts';

/** The API as its document describes it; relative to wherever the dashboard is served. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: (request) => send(request) });

/** What the server answers, or an ApiError. */
export async function answered<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw ApiError.from(response, error);
  return data as T;
}

/** Headers that say which workspace and environment a request is about. */
export function placeHeaders(): Record<string, string> {
  const { workspaceId, environment } = currentPlace();
  return {
    'x-tooken-environment': environment,
    ...(workspaceId !== null && { 'x-tooken-workspace': workspaceId }),
  };
}

/** Sends it; once more when the person had to confirm who it is first. */
export async function send(request: Request): Promise<Response> {
  for (const [name, value] of Object.entries(placeHeaders())) {
    if (!request.headers.has(name)) request.headers.set(name, value);
  }
  const again = request.clone();
  const response = await reach(request);
  if (response.status !== 403) return response;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  if (!ApiError.from(response, body).wantsConfirmation) return response;
  return (await askForConfirmation()) ? reach(again) : response;
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw ApiError.unreachable(error);
  }
}
