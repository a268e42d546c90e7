import { Box, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';

interface PageProps {
  title: string;
  /** What follows the title on its line. */
  beside?: ReactNode;
  description?: ReactNode;
  /** The way back up. */
  crumbs?: ReactNode[];
  actions?: ReactNode;
  children: ReactNode;
}

/** Every screen's frame: where one is, what it is for, what can be done. */
export function Page({ title, beside, description, crumbs, actions, children }: PageProps): ReactNode {
  useDocumentTitle(`${title} · Tooken`);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="md">
        <Box miw={0} flex="1 1 18rem">
          {crumbs && (
            <Breadcrumbs mb={6} fz="sm" separatorMargin={6}>
              {crumbs}
            </Breadcrumbs>
          )}
          <Group gap="sm">
            <Title order={1}>{title}</Title>
            {beside}
          </Group>
          {description !== undefined && (
            <Text c="dimmed" mt={4} maw={680} component="div">
              {description}
            </Text>
          )}
        </Box>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
