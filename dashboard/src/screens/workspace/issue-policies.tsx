import { Group, NumberInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { Section } from '../../pieces/section.tsx';
import { UNITS, type WorkspaceFormControl } from './form.ts';

/** What a token must be to be issued. */
export function IssuePolicies({ form }: { form: WorkspaceFormControl }): ReactNode {
  return (
    <Section
      title="New tokens"
      description="Acts when a token is issued; one that exists is never broken by it"
    >
      <Stack gap="lg">
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <NumberInput
            flex={1}
            label="Maximum lifetime"
            description="Also what a token gets for which no expiry is asked"
            placeholder="No limit"
            min={1}
            allowDecimal={false}
            allowNegative={false}
            thousandSeparator=","
            {...form.getInputProps('lifetime')}
          />
          <Select
            aria-label="Unit of the lifetime"
            data={[...UNITS]}
            allowDeselect={false}
            w={120}
            {...form.getInputProps('lifetimeUnit')}
          />
        </Group>
        <Switch
          label="Require an expiry"
          description="Refuse to issue tokens that would live for ever because nobody asked for an end"
          {...form.getInputProps('requireExpiry', { type: 'checkbox' })}
        />
        <Switch
          label="Strict scopes"
          description="Refuse to issue tokens with scopes that are not in the catalogue"
          {...form.getInputProps('strictScopes', { type: 'checkbox' })}
        />
        <TextInput
          label="Default prefix"
          description="What values start with when nothing else is asked: 2 to 16 lower-case letters and digits"
          placeholder="tkn"
          maxLength={16}
          classNames={{ input: 'mono' }}
          {...form.getInputProps('prefix')}
        />
      </Stack>
    </Section>
  );
}
