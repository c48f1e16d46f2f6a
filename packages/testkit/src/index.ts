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
