import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** The brand: an indigo whose seventh shade carries white text (6.3:1). */
const iris: MantineColorsTuple = [
  '#eef2ff',
  '#e0e7ff',
  '#c7d2fe',
  '#a5b4fc',
  '#818cf8',
  '#6366f1',
  '#4f46e5',
  '#4338ca',
  '#3730a3',
  '#312e81',
];

/** Dark surfaces with a breath of blue, so that they sit well beside it. */
const dark: MantineColorsTuple = [
  '#e4e6ec',
  '#c3c7d1',
  '#a2a8b6',
  '#7d8494',
  '#3a404d',
  '#2b303b',
  '#1f232c',
  '#16191f',
  '#0f1116',
  '#090a0d',
];

/** What Mantine leaves to say: the name of the cross, and that a dialog's header is not the page's. */
const dialog = {
  closeButtonProps: { 'aria-label': 'Close' },
  attributes: { header: { role: 'presentation' } },
};

const gray: MantineColorsTuple = [
  '#f8f9fb',
  '#f1f3f6',
  '#e6e9ee',
  '#d7dce4',
  '#c1c8d3',
  '#98a1b0',
  '#6b7484',
  '#4b5362',
  '#303744',
  '#1a1f29',
];

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 6, dark: 6 },
  colors: { iris, dark, gray },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: '0.75rem', sm: '0.84375rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  headings: {
    fontFamily: "'Inter Variable', system-ui, sans-serif",
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.3' },
      h2: { fontSize: '1.125rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Card: { defaultProps: { withBorder: true, padding: 'lg' } },
    Paper: { defaultProps: { withBorder: true } },
    Tooltip: {
      defaultProps: { withArrow: true, openDelay: 250, events: { hover: true, focus: true, touch: true } },
    },
    Modal: {
      defaultProps: {
        ...dialog,
        centered: true,
        padding: 'lg',
        overlayProps: { backgroundOpacity: 0.5, blur: 2 },
      },
    },
    Drawer: { defaultProps: { ...dialog, position: 'right', overlayProps: { backgroundOpacity: 0.35 } } },
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 550 } },
    Table: { defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } },
    Select: { defaultProps: { checkIconPosition: 'right', comboboxProps: { shadow: 'md' } } },
    Menu: { defaultProps: { shadow: 'md', position: 'bottom-end' } },
    Alert: { defaultProps: { variant: 'light' } },
  },
});

/** Text on a light ground of its own colour: Mantine's is a shade too pale at the size of a badge. */
const readable = Object.fromEntries(
  Object.entries({
    red: '#a61e1e',
    orange: '#8f3608',
    yellow: '#7a4d00',
    green: '#1f6b2e',
    teal: '#065f46',
    cyan: '#0b5a6b',
    blue: '#15528f',
    indigo: '#2f44ad',
    violet: '#5530b8',
    grape: '#7a2a8f',
    pink: '#97184f',
    lime: '#486a0a',
  }).map(([name, value]) => [`--mantine-color-${name}-light-color`, value]),
);

/** A red on which white can be read. */
const danger = { '--mantine-color-red-filled': '#c92a2a', '--mantine-color-red-filled-hover': '#b02525' };

/** Grounds that do not shine in the dark. */
const quiet = {
  '--mantine-color-yellow-light': 'rgba(250, 176, 5, 0.13)',
  '--mantine-color-orange-light': 'rgba(253, 126, 20, 0.14)',
  '--mantine-color-red-light': 'rgba(250, 82, 82, 0.15)',
  '--mantine-color-teal-light': 'rgba(18, 184, 134, 0.15)',
  '--mantine-color-blue-light': 'rgba(34, 139, 230, 0.16)',
};

/** Where Mantine's own choice is too faint to be read (WCAG 2.2, 1.4.3). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...danger,
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#596170',
    '--mantine-color-placeholder': '#6b7484',
    '--mantine-color-text': '#171b23',
    '--mantine-color-error': '#c92a2a',
    ...readable,
    '--tooken-canvas': '#f8f9fb',
    '--tooken-line': '#e3e7ed',
  },
  dark: {
    ...danger,
    ...quiet,
    '--mantine-color-body': '#16191f',
    '--mantine-color-dimmed': '#a2a8b6',
    '--mantine-color-placeholder': '#8b92a2',
    '--mantine-color-text': '#e4e6ec',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-anchor': '#a5b4fc',
    '--tooken-canvas': '#0f1116',
    '--tooken-line': '#2b303b',
  },
});
