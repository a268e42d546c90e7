import { Lane } from './lane.js';

/** Opens lanes to the database of the app. */
export class Lanes {
  constructor(readonly url: string) {}

  /** @param name shown in PostgreSQL's `application_name`. */
  open(name: string): Lane {
    return new Lane(this.url, name);
  }
}
