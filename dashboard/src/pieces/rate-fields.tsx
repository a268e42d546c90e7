import { Group, NumberInput } from '@mantine/core';
import type { ReactNode } from 'react';

interface RateFieldsProps {
  form: { getInputProps: (name: 'rateLimit' | 'rateWindow') => object };
}

/** How often a token may be used: so many times in so many seconds. */
export function RateFields({ form }: RateFieldsProps): ReactNode {
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <NumberInput
        flex={1}
        label="Rate limit"
        description="Uses, in so many seconds"
        placeholder="No limit"
        min={1}
        allowDecimal={false}
        thousandSeparator=","
        {...form.getInputProps('rateLimit')}
      />
      <NumberInput
        aria-label="Window in seconds"
        suffix=" s"
        min={1}
        allowDecimal={false}
        w={110}
        {...form.getInputProps('rateWindow')}
      />
    </Group>
  );
}
