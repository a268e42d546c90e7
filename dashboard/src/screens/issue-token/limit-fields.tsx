import { Accordion, Grid, JsonInput, NumberInput, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import type { ReactNode } from 'react';
import { RateFields } from '../../pieces/rate-fields.tsx';
import type { IssueFormControl } from './form.ts';
import classes from './limit-fields.module.css';

/** What narrows a token further; most have none of it. */
export function LimitFields({ form }: { form: IssueFormControl }): ReactNode {
  return (
    <Accordion variant="contained" radius="md" classNames={{ item: classes.item }}>
      <Accordion.Item value="limits">
        <Accordion.Control>
          <Text fw={600} size="sm">
            Limits
          </Text>
          <Text size="xs" c="dimmed">
            Addresses, start, uses and rate
          </Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap="lg">
            <TagsInput
              label="Allowed addresses"
              description="IPv4 or IPv6 addresses or CIDR ranges; none means anywhere. Your API has to pass the client’s address on."
              placeholder={form.values.addresses.length === 0 ? '203.0.113.0/24' : ''}
              splitChars={[',', ' ', ';']}
              maxTags={100}
              acceptValueOnBlur
              {...form.getInputProps('addresses')}
            />
            <DateTimePicker
              label="Not valid before"
              description="Left empty: at once"
              valueFormat="D MMM YYYY HH:mm"
              minDate={new Date()}
              clearable
              {...form.getInputProps('notBefore')}
            />
            <Grid>
              <Grid.Col span={{ base: 12, sm: 6 }}>
                <NumberInput
                  label="Maximum uses"
                  description="Counts verifications that were valid"
                  placeholder="No limit"
                  min={1}
                  allowDecimal={false}
                  thousandSeparator=","
                  {...form.getInputProps('maxUses')}
                />
              </Grid.Col>
              <Grid.Col span={{ base: 12, sm: 6 }}>
                <RateFields form={form} />
              </Grid.Col>
            </Grid>
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
      <Accordion.Item value="more">
        <Accordion.Control>
          <Text fw={600} size="sm">
            Prefix and metadata
          </Text>
          <Text size="xs" c="dimmed">
            What the value starts with, and data of your own
          </Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap="lg">
            <TextInput
              label="Prefix"
              description="2 to 16 lower-case letters and digits, instead of tkn"
              placeholder="tkn"
              maxLength={16}
              {...form.getInputProps('prefix')}
            />
            <JsonInput
              label="Metadata"
              description="A JSON object, up to 4 KiB; every verification returns it"
              placeholder='{ "plan": "pro" }'
              autosize
              minRows={3}
              formatOnBlur
              classNames={{ input: 'mono' }}
              {...form.getInputProps('metadata')}
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
