import { NavLink, Text } from '@mantine/core';
import { useRouterState } from '@tanstack/react-router';
import { BookOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { useReader } from '../api/session.ts';
import { DESTINATIONS } from './navigation.ts';
import classes from './shell.module.css';
import { SideLink } from '../pieces/links.tsx';

export function NavigationLinks(): ReactNode {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const { may } = useReader();
  const isAt = (to: string): boolean => (to === '/' ? path === '/' : path.startsWith(to));
  return (
    <>
      {DESTINATIONS.map(({ title, destinations }) => {
        const open = destinations.filter(({ needs }) => may(needs));
        if (open.length === 0) return null;
        return (
          <div key={title ?? ''}>
            {title !== null && <Text className={classes.groupTitle}>{title}</Text>}
            {open.map(({ to, label, icon: Icon }) => (
              <SideLink
                key={to}
                to={to}
                className={classes.link}
                label={label}
                leftSection={<Icon size={17} strokeWidth={1.9} />}
                active={isAt(to)}
                aria-current={isAt(to) ? 'page' : undefined}
              />
            ))}
          </div>
        );
      })}
      <Text className={classes.groupTitle}>Help</Text>
      <NavLink
        className={classes.link}
        href="/docs"
        label="API reference"
        leftSection={<BookOpen size={17} strokeWidth={1.9} />}
      />
    </>
  );
}
