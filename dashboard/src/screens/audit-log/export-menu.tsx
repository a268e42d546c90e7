import { Button, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { downloadExport } from './export.ts';
import type { EventSearch } from './search.ts';

/** The log, as it is filtered, as a file. */
export function ExportMenu({ search }: { search: EventSearch }): ReactNode {
  const [received, setReceived] = useState(0);
  const download = useMutation({
    mutationFn: (format: 'ndjson' | 'csv') => downloadExport(search, format, setReceived),
    onMutate: () => setReceived(0),
    onSuccess: (name) => {
      if (name !== null) notifications.show({ color: 'teal', message: `${name} is saved` });
    },
  });
  return (
    <Menu width={280}>
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={15} />} disabled={download.isPending}>
          {download.isPending ? `${(received / 1_000_000).toFixed(1)} MB…` : 'Export'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>As it is filtered now</Menu.Label>
        <Menu.Item onClick={() => download.mutate('ndjson')}>
          <Text size="sm">NDJSON</Text>
          <Text size="xs" c="dimmed">
            With all it takes to verify it offline
          </Text>
        </Menu.Item>
        <Menu.Item onClick={() => download.mutate('csv')}>
          <Text size="sm">CSV</Text>
          <Text size="xs" c="dimmed">
            For spreadsheets
          </Text>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
