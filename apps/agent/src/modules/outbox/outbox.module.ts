import type { AgentModule } from '../agent-module.ts';
import { type ReportUploadOptions, uploadReports } from './report-upload.ts';

export interface OutboxModuleOptions extends ReportUploadOptions {
  /** After each batch that was delivered. */
  readonly onUploaded: () => void;
}

export interface OutboxModule extends AgentModule {
  /** Delivers one batch. Answers whether there is more. */
  upload(): Promise<{ readonly again: boolean }>;
}

/** Brings reports of commands to the server. */
export function createOutboxModule(options: OutboxModuleOptions): OutboxModule {
  const upload = async (): Promise<{ readonly again: boolean }> => {
    const outcome = await uploadReports(options);
    options.onUploaded();
    return outcome;
  };
  return {
    name: 'outbox',
    upload,
    errands: [{ name: 'upload', occasions: ['handshake'], isPartOfFarewell: true, run: upload }],
  };
}
