import { Alert, Button, Code, Group, List, Stack, Text } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { adviceFor, ApiError } from '../api/api-error.ts';

interface ProblemProps {
  error: unknown;
  retry?: () => void;
  /** Instead of what is advised in general. */
  advice?: string;
}

/** What went wrong and what to do about it. */
export function Problem({ error, retry, advice }: ProblemProps): ReactNode {
  if (error === null || error === undefined) return null;
  const { details, requestId } = error instanceof ApiError ? error : { details: [], requestId: null };
  return (
    <Alert
      color="red"
      icon={<CircleAlert size={18} />}
      title={error instanceof Error ? error.message : 'Something went wrong'}
      role="alert"
    >
      <Stack gap="xs">
        {details.length > 0 && (
          <List size="sm">
            {details.map(({ field, message }) => (
              <List.Item key={`${field} ${message}`}>
                {field !== '' && <Code>{field}</Code>} {message}
              </List.Item>
            ))}
          </List>
        )}
        <Text size="sm">{advice ?? adviceFor(error)}</Text>
        <Group gap="sm">
          {retry && (
            <Button size="compact-sm" variant="default" onClick={retry}>
              Try again
            </Button>
          )}
          {requestId !== null && (
            <Text size="xs" c="dimmed" className="mono">
              {requestId}
            </Text>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
