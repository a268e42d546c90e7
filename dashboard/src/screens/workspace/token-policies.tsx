import { NumberInput, Radio, Stack, TagsInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { Section } from '../../pieces/section.tsx';
import type { WorkspaceFormControl } from './form.ts';

/** What becomes of tokens that exist. */
export function TokenPolicies({ form }: { form: WorkspaceFormControl }): ReactNode {
  const { disabled } = form.getInputProps('reusePolicy') as { disabled?: boolean };
  return (
    <Section
      title="Tokens in use"
      description="What becomes of one that nobody uses, or whose old value comes back"
    >
      <Stack gap="lg">
        <NumberInput
          label="Suspend after days without use"
          description="Enabling a token again gives it the whole time anew"
          placeholder="Never"
          min={1}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          {...form.getInputProps('inactiveDays')}
        />
        <Radio.Group
          label="When a value comes back that rotation has ended"
          {...form.getInputProps('reusePolicy')}
        >
          <Stack gap="sm" mt={8}>
            <Radio
              value="alert"
              disabled={disabled}
              label="Tell"
              description="The value is refused, and the log and webhooks tell of it"
            />
            <Radio
              value="revoke"
              disabled={disabled}
              label="Tell and revoke"
              description="The token ends as well, with everything it has issued: somebody may have stolen it"
            />
          </Stack>
        </Radio.Group>
      </Stack>
    </Section>
  );
}

/** From where Tooken may be called. */
export function CallerPolicies({ form }: { form: WorkspaceFormControl }): ReactNode {
  return (
    <Section
      title="Calls to Tooken"
      description="API keys and tokens only; people who sign in are not bound by it"
    >
      <TagsInput
        label="Allowed addresses"
        description="IPv4 or IPv6 addresses or CIDR ranges; none means anywhere. Include the servers that verify tokens: from elsewhere they are refused at once."
        placeholder={form.values.addresses.length === 0 ? '203.0.113.0/24' : ''}
        splitChars={[',', ' ', ';']}
        maxTags={100}
        acceptValueOnBlur
        {...form.getInputProps('addresses')}
      />
    </Section>
  );
}
