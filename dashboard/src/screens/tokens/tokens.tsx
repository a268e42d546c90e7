import { getRouteApi } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { usePages } from '../../api/pages.ts';
import { usePlace } from '../../api/place.ts';
import { useReader } from '../../api/session.ts';
import { listTokens } from '../../api/tokens.ts';
import type { Token } from '../../api/types.ts';
import { Page } from '../../pieces/page.tsx';
import { RevokeByFilter } from './revoke-by-filter.tsx';
import { RevokeMany } from './revoke-many.tsx';
import { tokenQueryOf } from './search.ts';
import { TokenFilters } from './token-filters.tsx';
import { TokenTable } from './token-table.tsx';
import { ButtonLink } from '../../pieces/links.tsx';

const route = getRouteApi('/shell/tokens');

/** Every token of this environment, to be found, looked at and ended. */
export function Tokens(): ReactNode {
  const search = route.useSearch();
  const { environment } = usePlace();
  const { may } = useReader();
  const [chosen, setChosen] = useState<readonly Token[]>([]);
  const query = tokenQueryOf(search);
  const pages = usePages(['tokens', 'list', query], (cursor, signal) =>
    listTokens({ ...query, limit: 50, cursor }, signal),
  );
  return (
    <Page
      title="Tokens"
      description={`What partners, services and integrations present to your APIs. These are the ${environment} ones.`}
      actions={
        may('manage tokens') && (
          <>
            <RevokeByFilter />
            <ButtonLink to="/tokens/new" leftSection={<Plus size={16} />}>
              Issue token
            </ButtonLink>
          </>
        )
      }
    >
      <TokenFilters />
      <TokenTable
        pages={pages}
        chosen={chosen}
        onChoose={may('manage tokens') ? setChosen : null}
        search={search}
      />
      <RevokeMany chosen={chosen} onDone={() => setChosen([])} />
    </Page>
  );
}
