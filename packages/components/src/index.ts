/**
 * Components: what is updated on devices. Here is the model; `/repository` publishes, `/client` follows signed metadata,
 * `/increments` makes and applies the difference of two releases, `/transfer` moves the bytes.
 */
export {
  type ComponentDependency,
  type ComponentDescription,
  type ComponentKind,
  componentKinds,
  type ComponentRelease,
  type SignedFile,
  type SignedIncrement,
} from './component.ts';
