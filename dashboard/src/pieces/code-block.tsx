import { Box, Code } from '@mantine/core';
import type { ReactNode } from 'react';
import { Copy } from './copy.tsx';
import classes from './code-block.module.css';

/** Code to be copied. */
export function CodeBlock({ code, label }: { code: string; label: string }): ReactNode {
  return (
    <Box className={classes.frame}>
      <Code block className={classes.code} tabIndex={0} role="region" aria-label={label}>
        {code}
      </Code>
      <Box className={classes.copy}>
        <Copy value={code} what={label} />
      </Box>
    </Box>
  );
}
