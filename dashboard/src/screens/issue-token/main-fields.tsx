import { Input, SegmentedControl, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import type { ReactNode } from 'react';
import { EXPIRY_PRESETS } from './expiry.ts';
import type { IssueFormControl } from './form.ts';
import { ScopePicker } from '../../pieces/scope-picker.tsx';

/** What every token has. */
export function MainFields({ form }: { form: IssueFormControl }): ReactNode {
  const { expiry } = form.values;
  return (
    <Stack gap="lg">
      <TextInput
        label="Name"
        description="Who or what will use it"
        placeholder="Acme, invoice import"
        maxLength={120}
        required
        autoFocus
        {...form.getInputProps('name')}
      />
      <ScopePicker
        value={form.values.scopes}
        onChange={(scopes) => form.setFieldValue('scopes', scopes)}
        error={form.errors.scopes}
      />
      <Input.Wrapper
        label="Expires in"
        labelElement="div"
        description={
          expiry === 'never'
            ? 'It works until somebody revokes it. A date is safer: forgotten tokens then end by themselves.'
            : 'At that moment it is refused; it cannot be moved later.'
        }
        error={form.errors.expiresAt}
      >
        <Select
          hiddenFrom="sm"
          mt={6}
          aria-label="Expires in"
          data={[...EXPIRY_PRESETS]}
          value={expiry}
          onChange={(value) => form.setFieldValue('expiry', value ?? 'never')}
          allowDeselect={false}
        />
        <SegmentedControl
          visibleFrom="sm"
          mt={6}
          fullWidth
          data={EXPIRY_PRESETS.map(({ value, label }) => ({ value, label }))}
          aria-label="Expires in"
          value={expiry}
          onChange={(value) => form.setFieldValue('expiry', value)}
        />
      </Input.Wrapper>
      {expiry === 'at' && (
        <DateTimePicker
          label="Ends at"
          description="In your own time zone"
          minDate={new Date()}
          valueFormat="D MMM YYYY HH:mm"
          placeholder="Choose a day and time"
          clearable
          {...form.getInputProps('expiresAt')}
        />
      )}
      <TextInput
        label="Subject"
        description="Your own id for the partner; every verification returns it"
        placeholder="partner_42"
        maxLength={255}
        {...form.getInputProps('subject')}
      />
      <Textarea
        label="Description"
        description="For the people who find it later"
        autosize
        minRows={2}
        maxLength={1000}
        {...form.getInputProps('description')}
      />
    </Stack>
  );
}
