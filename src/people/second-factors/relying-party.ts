import { Injectable } from '@nestjs/common';
import { Config } from '../../platform/config/config.js';
import { Problem } from '../../platform/errors/problem.js';
import type { Browser } from '../sessions/browser.js';
import type { Site } from './ceremony.js';

/** For which site passkeys are made (WebAuthn §5.1.2, `rp.id`). */
@Injectable()
export class RelyingParty {
  constructor(private readonly config: Config) {}

  /**
   * The page the browser is on: that of `TOOKEN_PUBLIC_URL`, and no other, where it is set; or else whatever host it
   * has called us by. Null: no page of ours.
   */
  siteOf({ page }: Browser): Site | null {
    const { givenPublicUrl } = this.config;
    if (page === null || (givenPublicUrl !== null && page.origin !== givenPublicUrl)) return null;
    return { origin: page.origin, host: page.hostname };
  }

  /** @throws Problem `invalid_request` when it is no browser on a page of ours. */
  certainSiteOf(browser: Browser): Site {
    const site = this.siteOf(browser);
    if (site === null) throw Problem.invalid([{ field: 'Origin', message: 'must be that of the dashboard' }]);
    return site;
  }
}
