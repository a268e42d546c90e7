import { Anchor, AppShell, Badge, Box, Burger, Group, ScrollArea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, type ReactNode } from 'react';
import { usePlace } from '../api/place.ts';
import { AccountMenu } from './account-menu.tsx';
import { Brand } from './brand.tsx';
import { ColorSchemeMenu } from './color-scheme-menu.tsx';
import { EnvironmentSwitch } from './environment-switch.tsx';
import { NavigationLinks } from './navigation-links.tsx';
import { WorkspaceMenu } from './workspace-menu.tsx';
import classes from './shell.module.css';

const HEADER = 56;
const SIDE = 236;

/** The frame around every screen of a signed-in person. */
export function Shell(): ReactNode {
  const [isOpen, side] = useDisclosure();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const { environment } = usePlace();
  // On a phone the navigation covers the screen one has just chosen.
  useEffect(() => side.close(), [path]);
  return (
    <>
      <Anchor href="#main" className="skip">
        Skip to content
      </Anchor>
      <AppShell
        header={{ height: HEADER }}
        navbar={{ width: SIDE, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
        padding={{ base: 'md', md: 'xl' }}
        className={classes.shell}
      >
        <AppShell.Header className={classes.header}>
          <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
            <Group gap="sm" wrap="nowrap" miw={0}>
              <Burger
                opened={isOpen}
                onClick={side.toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label={isOpen ? 'Close navigation' : 'Open navigation'}
              />
              <Brand />
              <WorkspaceMenu />
            </Group>
            <Group gap="xs" wrap="nowrap">
              <Box visibleFrom="sm">
                <EnvironmentSwitch />
              </Box>
              {environment === 'test' && (
                <Badge hiddenFrom="sm" color="orange">
                  Test
                </Badge>
              )}
              <Box visibleFrom="sm">
                <ColorSchemeMenu />
              </Box>
              <AccountMenu />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="sm" className={classes.side} aria-label="Main">
          <AppShell.Section grow component={ScrollArea}>
            <NavigationLinks />
          </AppShell.Section>
          <AppShell.Section hiddenFrom="sm">
            <Group justify="space-between" p="xs">
              <EnvironmentSwitch />
              <ColorSchemeMenu />
            </Group>
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
          <Box className={classes.content}>
            <Outlet />
          </Box>
        </AppShell.Main>
      </AppShell>
    </>
  );
}
