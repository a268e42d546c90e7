import { Box, Button, Card, Center, Group, Skeleton, Stack, Table, useMatches } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Pages } from '../api/pages.ts';
import { Problem } from './problem.tsx';

interface RowsProps<Item> {
  pages: Pages<Item>;
  head: ReactNode;
  /** A `Table.Tr`. */
  row: (item: Item) => ReactNode;
  /** What stands there when there is nothing. */
  empty: ReactNode;
  /** Names the table. */
  label: string;
  minWidth?: number;
  /** The same on a phone, where rows show less. */
  phoneWidth?: number;
  /** Without a card around it. */
  bare?: boolean;
}

/** A table that grows page by page, with its loading, empty and failed states. */
export function Rows<Item>({ pages, bare = false, ...rest }: RowsProps<Item>): ReactNode {
  if (pages.error !== null && pages.items.length === 0) {
    return <Problem error={pages.error} retry={pages.retry} />;
  }
  const table = <Filled pages={pages} {...rest} />;
  return bare ? table : <Card padding={0}>{table}</Card>;
}

function Filled<Item>({
  pages,
  head,
  row,
  empty,
  label,
  minWidth = 640,
  phoneWidth = minWidth,
}: RowsProps<Item>): ReactNode {
  const width = useMatches({ base: phoneWidth, sm: minWidth });
  const spacing = useMatches({ base: 'xs', sm: 'md' });
  if (pages.isPending) return <Loading />;
  return (
    <>
      {pages.items.length > 0 ? (
        <Table.ScrollContainer
          minWidth={width}
          type="native"
          tabIndex={0}
          role="region"
          aria-label={`Table: ${label}`}
        >
          <Table aria-label={label} highlightOnHover horizontalSpacing={spacing}>
            <Table.Thead>
              <Table.Tr>{head}</Table.Tr>
            </Table.Thead>
            <Table.Tbody>{pages.items.map(row)}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : (
        <Box p="xl">{empty}</Box>
      )}
      {pages.error !== null && (
        <Box p="md">
          <Problem error={pages.error} retry={pages.loadMore} />
        </Box>
      )}
      {pages.hasMore && (
        <Center p="sm">
          <Button variant="subtle" color="gray" loading={pages.isLoadingMore} onClick={pages.loadMore}>
            Load more
          </Button>
        </Center>
      )}
    </>
  );
}

function Loading(): ReactNode {
  return (
    <Stack gap="md" p="lg" role="status" aria-label="Loading">
      {Array.from({ length: 5 }, (_, n) => (
        <Group key={n} wrap="nowrap">
          <Skeleton height={14} width="32%" />
          <Skeleton height={14} width="18%" />
          <Skeleton height={14} width="40%" />
        </Group>
      ))}
    </Stack>
  );
}
