import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queryClient } from './api/query-client.ts';
import { router } from './router.tsx';
import { ConfirmItIsYou } from './shell/confirm-it-is-you.tsx';
import { cssVariables, theme } from './theme.ts';

/** @param styleNonce what style elements must carry to be let in by the Content-Security-Policy. */
export function App({ styleNonce }: { styleNonce: string }): ReactNode {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
      deduplicateInlineStyles
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" limit={3} />
        <RouterProvider router={router} />
        <ConfirmItIsYou />
      </QueryClientProvider>
    </MantineProvider>
  );
}
