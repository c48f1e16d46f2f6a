/**
 * Components: what is updated on devices. Here is the model; `/repository` publishes, `/client` follows signed metadata,
 * `/increments` makes and applies the difference of two releases, `/transfer` moves the bytes.
 */
export {
  type Catalogue,
  type CatalogueEntry,
  countBehind,
  createCatalogue,
  type FeedsMetadata,
} from './catalogue.ts';
export { ComponentError, type ComponentErrorCode } from './component.errors.ts';
export {
  type ComponentDependency,
  type ComponentDescription,
  type ComponentKind,
  type ComponentRelease,
  componentKinds,
  type SignedFile,
  type SignedIncrement,
} from './component.ts';
export {
  type CustomReading,
  formatIncrementCustom,
  formatReleaseCustom,
  type IncrementCustom,
  parseComponentDescription,
  parseIncrementCustom,
  parseReleaseCustom,
  type ReleaseCustom,
} from './release-custom.ts';
export {
  formatTargetPath,
  isComponentId,
  parseTargetPath,
  type TargetArea,
  type TargetPath,
  targetAreas,
} from './target-path.ts';
