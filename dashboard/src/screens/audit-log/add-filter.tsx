import { Autocomplete, Button, Popover, Select, Stack, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useQuery } from '@tanstack/react-query';
import { ListFilter } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { actionsQuery } from '../../api/audit.ts';
import { CHOICES, EXAMPLES, LABELS, valueInWords } from './filter-words.ts';
import { LIST_FIELDS, type EventSearch, type ListField } from './search.ts';

interface AddFilterProps {
  onAdd: (field: ListField, value: string) => void;
  onTime: (time: Pick<EventSearch, 'from' | 'to' | 'span'>) => void;
}

type Field = ListField | 'time';

/** One more thing to filter by. */
export function AddFilter({ onAdd, onTime }: AddFilterProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <Popover
      opened={isOpen}
      onChange={setOpen}
      position="bottom-end"
      width={290}
      shadow="md"
      trapFocus
      withinPortal
    >
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<ListFilter size={15} />}
          onClick={() => setOpen((open) => !open)}
        >
          Filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Add a filter">
        <Form
          onAdd={(field, value) => {
            onAdd(field, value);
            close();
          }}
          onTime={(time) => {
            onTime(time);
            close();
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Form({ onAdd, onTime }: AddFilterProps): ReactNode {
  const [field, setField] = useState<Field>('action');
  const [value, setValue] = useState('');
  const [from, setFrom] = useState<string | null>(null);
  const [to, setTo] = useState<string | null>(null);
  const isReady = field === 'time' ? from !== null || to !== null : value.trim() !== '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        if (field !== 'time') onAdd(field, value.trim());
        else onTime({ from: instant(from), to: instant(to), span: undefined });
      }}
    >
      <Stack gap="sm">
        <Select
          label="Filter by"
          data={[
            ...LIST_FIELDS.map((name) => ({ value: name, label: LABELS[name] })),
            { value: 'time', label: 'Time' },
          ]}
          value={field}
          onChange={(name) => {
            setField(name ?? 'action');
            setValue('');
          }}
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
        />
        {field === 'time' ? (
          <>
            <Moment label="From" value={from} onChange={setFrom} />
            <Moment label="To" value={to} onChange={setTo} />
          </>
        ) : (
          <ValueInput field={field} value={value} onChange={setValue} />
        )}
        <Button type="submit" disabled={!isReady}>
          Add
        </Button>
      </Stack>
    </form>
  );
}

interface ValueInputProps {
  field: ListField;
  value: string;
  onChange: (value: string) => void;
}

function ValueInput({ field, value, onChange }: ValueInputProps): ReactNode {
  const { data: actions = [] } = useQuery(actionsQuery);
  const choices = CHOICES[field];
  if (field === 'action') {
    const families = [...new Set(actions.map(({ action }) => `${action.split('.', 1)[0] ?? ''}.*`))];
    return (
      <Autocomplete
        label="Action"
        placeholder="token.verify, or token.* for all"
        data={[...families, ...actions.map(({ action }) => action)]}
        value={value}
        onChange={onChange}
        limit={12}
        comboboxProps={{ withinPortal: false }}
      />
    );
  }
  if (choices !== undefined) {
    return (
      <Select
        label={LABELS[field]}
        data={choices.map((choice) => ({ value: choice, label: valueInWords(field, choice) }))}
        value={value === '' ? null : value}
        onChange={(choice) => onChange(choice ?? '')}
        comboboxProps={{ withinPortal: false }}
      />
    );
  }
  return (
    <TextInput
      label={LABELS[field]}
      placeholder={EXAMPLES[field]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface MomentProps {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
}

function Moment({ label, value, onChange }: MomentProps): ReactNode {
  return (
    <DateTimePicker
      label={label}
      valueFormat="D MMM YYYY HH:mm"
      value={value}
      onChange={onChange}
      clearable
      popoverProps={{ withinPortal: false }}
    />
  );
}

function instant(local: string | null): string | undefined {
  return local === null ? undefined : new Date(local).toISOString();
}
