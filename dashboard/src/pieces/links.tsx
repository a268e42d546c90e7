import {
  Anchor,
  Button,
  Menu,
  NavLink,
  UnstyledButton,
  type AnchorProps,
  type ButtonProps,
  type MenuItemProps,
  type NavLinkProps,
} from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode } from 'react';

type Native = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'color' | 'style'>;

/** Mantine's looks, the router's knowledge of where one can go. */
export const TextLink = createLink((props: AnchorProps & Native): ReactNode => <Anchor {...props} />);

export const ButtonLink = createLink((props: ButtonProps & Native): ReactNode => (
  <Button component="a" {...props} />
));

export const MenuLink = createLink((props: MenuItemProps & Native): ReactNode => (
  <Menu.Item component="a" {...props} />
));

export const SideLink = createLink((props: NavLinkProps & Native): ReactNode => (
  <NavLink component="a" {...props} />
));

/** Anything at all as a link. */
export const BlockLink = createLink(
  (props: { className?: string; children?: ReactNode } & Native): ReactNode => (
    <UnstyledButton component="a" {...props} />
  ),
);
