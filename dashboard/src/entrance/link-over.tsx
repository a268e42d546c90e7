import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Entrance } from './entrance.tsx';
import { TextLink } from '../pieces/links.tsx';

/** A one-time link that is no good (any more). */
export function LinkOver({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Entrance
      title={title}
      below={
        <TextLink to="/sign-in" inherit>
          To sign-in
        </TextLink>
      }
    >
      <Text size="sm" component="div">
        {children}
      </Text>
    </Entrance>
  );
}
