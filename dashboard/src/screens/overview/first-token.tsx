import { Card, List, Stack, Tabs, Text, ThemeIcon, Title } from '@mantine/core';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { CodeBlock } from '../../pieces/code-block.tsx';
import { Page } from '../../pieces/page.tsx';
import { SAMPLES } from './samples.ts';
import { ButtonLink } from '../../pieces/links.tsx';

const STEPS = [
  {
    title: 'Issue a token',
    text: 'For a partner, a service or an integration: with the scopes it needs, and an end.',
  },
  {
    title: 'Let your API ask',
    text: 'Whoever calls your API sends the token. Your API asks Tooken whether it is good for what is wanted.',
  },
  {
    title: 'Watch and revoke',
    text: 'Every decision is in the audit log. A revoked token is refused from the very next request on.',
  },
];

/** What a newcomer sees: three steps to the first token, with code to copy. */
export function FirstToken(): ReactNode {
  return (
    <Page
      title="Welcome to Tooken"
      description="Issue scoped tokens, verify them from your own API, and see every decision in a log that can be proven. Three steps, five minutes."
    >
      <Stack gap="lg">
        <Step number={1} {...STEPS[0]!}>
          <ButtonLink to="/tokens/new" leftSection={<Plus size={16} />} w="fit-content">
            Issue your first token
          </ButtonLink>
        </Step>
        <Step number={2} {...STEPS[1]!}>
          <Tabs defaultValue="curl" keepMounted={false}>
            <Tabs.List mb="sm">
              {SAMPLES.map(({ value, label }) => (
                <Tabs.Tab key={value} value={value}>
                  {label}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {SAMPLES.map(({ value, label, code }) => (
              <Tabs.Panel key={value} value={value}>
                <CodeBlock code={code(location.origin)} label={`${label} example`} />
              </Tabs.Panel>
            ))}
          </Tabs>
          <Text size="sm" c="dimmed">
            Your API authenticates with an API key of its own: make one under Settings → API Keys.
          </Text>
        </Step>
        <Step number={3} {...STEPS[2]!}>
          <List size="sm" spacing={4}>
            <List.Item>This page shows verifications, refusals and what expires soon.</List.Item>
            <List.Item>A token’s page has its whole life, and the button that ends it.</List.Item>
          </List>
        </Step>
      </Stack>
    </Page>
  );
}

interface StepProps {
  number: number;
  title: string;
  text: string;
  children: ReactNode;
}

function Step({ number, title, text, children }: StepProps): ReactNode {
  return (
    <Card>
      <Stack gap="sm">
        <div style={{ display: 'flex', gap: 12, alignItems: 'center' }}>
          <ThemeIcon radius="xl" variant="light" size={30}>
            <Text span fw={650} size="sm">
              {number}
            </Text>
          </ThemeIcon>
          <Title order={2}>{title}</Title>
        </div>
        <Text c="dimmed">{text}</Text>
        {children}
      </Stack>
    </Card>
  );
}
