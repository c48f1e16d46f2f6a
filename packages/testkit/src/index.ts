/**
 * What tests and benchmarks share: fakes that work, for whatever is slow, far away or needs to fail on demand. Promises to
 * use the loopback address only and to leave nothing behind once closed. Imported by tests and `bench/` only.
 */
export {
  createTestMasterKey,
  type FakeMcpServer,
  startFakeMcpServer,
  withAddresses,
} from './mcp-server/fake-mcp-server.ts';
export type { FakeFaults, FakeProduct, FakeReply, FakeServerState } from './mcp-server/fake-server-state.ts';
export { Arrival } from './fleet/arrival-plan.ts';
export { createFleet } from './fleet/create-fleet.ts';
export type { NetworkFaults, ProductFaults } from './fleet/fault-plan.ts';
export type { Fleet } from './fleet/fleet.ts';
export { type FleetSettings, FleetTransport } from './fleet/fleet-settings.ts';
export type { FleetSnapshot } from './fleet/fleet-snapshot.ts';
export { readFleetState, type SavedFleet, writeFleetState } from './fleet/fleet-state-file.ts';
export {
  listPreviousReleases,
  openPreviousRelease,
  type PreviousRelease,
  type RecordedAgent,
  type RecordedFacts,
} from './previous-release/previous-release.ts';
export { quickStart } from './quick-start.ts';
export type { RecordedCall, RecordedDatagram, WireRecord } from './previous-release/wire-record.ts';
