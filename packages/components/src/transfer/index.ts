/**
 * The download channel: how files of a repository are served by ranges to many at once, and fetched so that a broken download goes
 * on. It is the same between agent and server, between agent and Active Agent, and towards a static web folder. It promises bounds
 * (time, bytes, rate, number at once) on both sides, and nothing about content: whoever fetches checks bytes against signed metadata.
 */
export { toComponentError, translateErrors } from './component-error.ts';
export {
  createFileServer,
  type FileRefusal,
  type FileServer,
  type FileServerOptions,
  type SentFile,
} from './file-server.ts';
export {
  defaultFileServerLimits,
  type FileServerLimits,
  smallFileBytes,
  type TransferRates,
} from './file-server-limits.ts';
export { createFolderSource } from './folder-source.ts';
export {
  createHttpSource,
  type HttpSource,
  type HttpSourceOptions,
  type SourceProxy,
} from './http-source.ts';
export { defaultHttpSourceLimits, type HttpSourceLimits } from './http-source-limits.ts';
export { isRepositoryPath } from './repository-path.ts';
export { createServedFolder, type ServedFile, type ServedFolder } from './served-folder.ts';
export { TransferError, type TransferErrorCode } from './transfer.errors.ts';
