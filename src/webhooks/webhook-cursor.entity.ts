import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far the log of a workspace with webhooks has been followed. */
@Entity('webhook_cursors')
export class WebhookCursor {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  workspaceId!: string;

  /** Place in the log of the first event that has not been looked at. */
  @Column('bigint')
  nextIndex!: string;
}
