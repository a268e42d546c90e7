import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { Check, Copy as CopyIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** @param what names the thing to who cannot see where the button stands. */
export function Copy({ value, what }: { value: string; what: string }): ReactNode {
  return (
    <CopyButton value={value} timeout={2000}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${what}`}>
          <ActionIcon
            variant="subtle"
            color={copied ? 'teal' : 'gray'}
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy ${what}`}
          >
            {copied ? <Check size={15} /> : <CopyIcon size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
