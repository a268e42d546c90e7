import { ApiError } from './api-error.ts';
import { send } from './client.ts';

/** Calls a route whose shapes the caller names itself. */
export async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await send(
    new Request(new URL(path, location.origin), {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    }),
  );
  const text = await response.text();
  const answer: unknown = text === '' ? null : parsed(text);
  if (!response.ok) throw ApiError.from(response, answer);
  return answer as Answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
