import { notifications } from '@mantine/notifications';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { adviceFor, ApiError } from './api-error.ts';

declare module '@tanstack/react-query' {
  interface Register {
    mutationMeta: {
      /** Its screen shows the error itself. */
      showsError?: boolean;
    };
  }
}

const STALE_MS = 10_000;
const RETRIES = 2;

/** Tells the shell that nobody is signed in any more. */
let sessionEnded: () => void = () => undefined;

export function onSessionEnd(listener: () => void): void {
  sessionEnded = listener;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEnd }),
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      noticeEnd(error);
      if (mutation.meta?.showsError === true || isDeclined(error)) return;
      notifications.show({ color: 'red', title: error.message, message: adviceFor(error), autoClose: 8000 });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: STALE_MS,
      retry: (failures, error) => isPassing(error) && failures < RETRIES,
    },
  },
});

/** Worth trying again by itself. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

/** The person closed the dialog that asked who it is, and knows why nothing happened. */
function isDeclined(error: unknown): boolean {
  return error instanceof ApiError && error.wantsConfirmation;
}

function noticeEnd(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) sessionEnded();
}
