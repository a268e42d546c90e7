import { Box, Card, Group, Text, Title, useMatches } from '@mantine/core';
import type { ReactNode } from 'react';

interface SectionProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  /** Lets a table or list reach the edges. */
  flush?: boolean;
  children: ReactNode;
}

/** A card with a heading. */
export function Section({ title, description, actions, flush = false, children }: SectionProps): ReactNode {
  const wrap = useMatches({ base: 'wrap', sm: 'nowrap' } as const);
  return (
    <Card component="section" aria-label={title} padding={0}>
      <Group
        justify="space-between"
        px={flush ? { base: 'xs', sm: 'md' } : 'lg'}
        pt="md"
        pb={flush ? 'sm' : 0}
        align="flex-start"
        wrap={wrap}
      >
        <Box miw={0} flex="1 1 12rem">
          <Title order={2} size="h3">
            {title}
          </Title>
          {description !== undefined && (
            <Text size="sm" c="dimmed" mt={2} component="div">
              {description}
            </Text>
          )}
        </Box>
        {actions && <Box flex="none">{actions}</Box>}
      </Group>
      <Box p={flush ? 0 : 'lg'} pt={flush ? 0 : 'md'}>
        {children}
      </Box>
    </Card>
  );
}
