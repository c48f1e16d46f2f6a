/**
 * The agents of one LAN elect one of them, the Active Agent, which fetches updates from the server and serves them to the others.
 * Promises that strangers are neither heard nor served, that a lost Active Agent is replaced within seconds, and that no Active Agent, however
 * it behaves, keeps a member from what the server has for longer than a stated time. Promises nothing about content: whoever
 * fetches verifies. docs/active-agent.md specifies it.
 */
export {
  type ActiveAgent,
  type ComponentUpdates,
  createActiveAgent,
  type LanView,
} from './active-agent.service.ts';
export { describeNetwork } from './lan/segments.ts';
export {
  createLanSettingsStore,
  toLanSettingsValue,
  type LanSettings,
  LanSettingsError,
  type LanSettingsSource,
  type LanSettingsStore,
} from './lan-settings.ts';
