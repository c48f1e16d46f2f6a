/**
 * The update client: follows the signed metadata of a repository and fetches what they vouch for, from sources that it does
 * not trust. Promises that nothing is believed before it is verified, that nobody can make it take more than is signed for or
 * wait for ever, and that it can be ended at any step. Does not decide what is installed.
 */
export { fetchTarget, type FetchedTarget, type TargetFetch, type WantedFile } from './fetch-target.ts';
export type { FileSource, Pace } from './file-source.ts';
export { createFolderSource } from './folder-source.ts';
export { createFolderStore, type MetadataStore } from './metadata-store.ts';
export { describeOfferedRoot, type OfferedRoot } from './offered-root.ts';
export { defaultPace } from './receive.ts';
export {
  createUpdateClient,
  type FoundTarget,
  type TrustedCatalogue,
  type UpdateClient,
  type UpdateClientNeeds,
} from './update-client.ts';
export { metadataPath, targetFilePath } from '../repository-path.ts';
export { createWebSource, type WebSourceOptions } from './web-source.ts';
