import { Box, Card, Center, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { ColorSchemeMenu } from '../shell/color-scheme-menu.tsx';
import { Mark } from '../shell/brand.tsx';
import classes from './entrance.module.css';

interface EntranceProps {
  title: string;
  description?: ReactNode;
  children: ReactNode;
  /** Other ways from here. */
  below?: ReactNode;
}

/** The frame of every screen for who is not signed in yet. */
export function Entrance({ title, description, children, below }: EntranceProps): ReactNode {
  useDocumentTitle(`${title} · Tooken`);
  return (
    <Center component="main" mih="100dvh" p="md" className={classes.ground}>
      <Box pos="absolute" top={12} right={12}>
        <ColorSchemeMenu />
      </Box>
      <Stack w="100%" maw={410} gap="lg">
        <Group gap="sm" justify="center">
          <Mark size={34} />
          <Text fw={700} fz="xl" lts="-0.02em">
            Tooken
          </Text>
        </Group>
        <Card padding="xl" shadow="sm">
          <Stack>
            <div>
              <Title order={1} size="h2">
                {title}
              </Title>
              {description !== undefined && (
                <Text c="dimmed" size="sm" mt={4} component="div">
                  {description}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Card>
        {below !== undefined && (
          <Text size="sm" c="dimmed" ta="center" component="div">
            {below}
          </Text>
        )}
      </Stack>
    </Center>
  );
}
