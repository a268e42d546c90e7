import { Combobox, Group, Input, Pill, PillsInput, ScrollArea, Text, useCombobox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { knownScopesQuery } from '../api/scopes.ts';
import { workspaceQuery } from '../api/workspace.ts';
import { OWN_SCOPES, scopeFault, wildcardsOf } from './own-scopes.ts';

interface ScopePickerProps {
  value: string[];
  onChange: (scopes: string[]) => void;
  error?: ReactNode;
}

interface Option {
  name: string;
  description: string | null;
}

/** Scopes picked from those known, each with what it means; a new one by typing it, unless the workspace is strict. */
export function ScopePicker({ value, onChange, error }: ScopePickerProps): ReactNode {
  const { data: known = [] } = useQuery(knownScopesQuery);
  const { data: workspace } = useQuery(workspaceQuery);
  const [typed, setTyped] = useState('');
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const text = typed.trim().toLowerCase();
  const groups = groupsOf(known, text);
  const isKnown = groups.some(({ options }) => options.some(({ name }) => name === text));
  const mayAdd = text !== '' && !isKnown && scopeFault(text) === null && workspace?.strict_scopes !== true;
  const toggle = (name: string): void => {
    onChange(value.includes(name) ? value.filter((each) => each !== name) : [...value, name]);
    setTyped('');
    combobox.updateSelectedOptionIndex('active');
  };
  return (
    <Combobox store={combobox} onOptionSubmit={toggle} shadow="md">
      <Combobox.DropdownTarget>
        <Input.Wrapper
          label="Scopes"
          labelElement="div"
          required
          description="What it may do. A wildcard such as invoices:* covers every scope of invoices, also those you add later."
          error={error}
        >
          <PillsInput
            mt={6}
            error={error !== undefined && error !== null}
            onClick={() => combobox.openDropdown()}
          >
            <Pill.Group>
              {value.map((scope) => (
                <Pill key={scope} className="mono" withRemoveButton onRemove={() => toggle(scope)}>
                  {scope}
                </Pill>
              ))}
              <Combobox.EventsTarget>
                <PillsInput.Field
                  aria-label="Scopes"
                  aria-required
                  placeholder={value.length === 0 ? 'invoices:read' : ''}
                  value={typed}
                  autoComplete="off"
                  spellCheck={false}
                  onFocus={() => combobox.openDropdown()}
                  onBlur={() => combobox.closeDropdown()}
                  onChange={(event) => {
                    setTyped(event.currentTarget.value);
                    combobox.openDropdown();
                    combobox.updateSelectedOptionIndex();
                  }}
                  onKeyDown={(event) => {
                    if (event.key === 'Backspace' && typed === '') onChange(value.slice(0, -1));
                  }}
                />
              </Combobox.EventsTarget>
            </Pill.Group>
          </PillsInput>
        </Input.Wrapper>
      </Combobox.DropdownTarget>
      <Combobox.Dropdown>
        <Combobox.Options>
          <ScrollArea.Autosize mah={300} type="scroll">
            {mayAdd && (
              <Combobox.Option value={text}>
                <Text size="sm">
                  Add <b className="mono">{text}</b>
                </Text>
                <Text size="xs" c="dimmed">
                  A new scope of your own; it enters the catalogue with this token
                </Text>
              </Combobox.Option>
            )}
            {groups.map(({ label, options }) =>
              options.length === 0 ? null : (
                <Combobox.Group key={label} label={label}>
                  {options.map((option) => (
                    <ScopeOption key={option.name} option={option} isChosen={value.includes(option.name)} />
                  ))}
                </Combobox.Group>
              ),
            )}
            {!mayAdd && groups.every(({ options }) => options.length === 0) && (
              <Combobox.Empty>{emptyText(text, workspace?.strict_scopes === true)}</Combobox.Empty>
            )}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function ScopeOption({ option, isChosen }: { option: Option; isChosen: boolean }): ReactNode {
  return (
    <Combobox.Option value={option.name} active={isChosen}>
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text size="sm" className="mono">
            {option.name}
          </Text>
          {option.description !== null && (
            <Text size="xs" c="dimmed">
              {option.description}
            </Text>
          )}
        </div>
        {isChosen && <Check size={15} aria-label="chosen" />}
      </Group>
    </Combobox.Option>
  );
}

function groupsOf(known: readonly Option[], text: string): { label: string; options: Option[] }[] {
  const matches = ({ name, description }: Option): boolean =>
    name.includes(text) || (description ?? '').toLowerCase().includes(text);
  return [
    { label: 'Yours', options: known.filter(matches) },
    { label: 'Wildcards', options: wildcardsOf(known.map(({ name }) => name)).filter(matches) },
    { label: 'Tooken’s own', options: OWN_SCOPES.filter(matches) },
  ];
}

function emptyText(text: string, isStrict: boolean): string {
  if (isStrict) return 'Not in the catalogue, and this workspace is strict: add it under Settings → Scopes';
  const fault = text === '' ? null : scopeFault(text);
  return fault === null ? 'Type a scope such as invoices:read' : `A scope has ${fault}`;
}
